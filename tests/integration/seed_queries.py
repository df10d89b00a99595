"""The SQL queries that the project was specified with, word for word; docs/queries.md shows them, too."""

from __future__ import annotations

RECENT_EXECUTIONS = """\
-- View recent executions
SELECT 
    "execution_id",
    "policy_id", 
    "status",
    "poll_count",
    "circuit_breaker_completed",
    "message",
    "start_time"
FROM policy_execution_state 
ORDER BY "start_time" DESC 
LIMIT 10;
"""

ACTIVE_EXECUTIONS = """\
-- Check if any executions are in progress
SELECT COUNT(*) as active_executions
FROM policy_execution_state 
WHERE "completed" = FALSE;
"""

STUCK_EXECUTIONS = """\
-- Check for stuck executions (running > 1 hour)
SELECT "execution_id", "status", "start_time", "message"
FROM policy_execution_state
WHERE "completed" = FALSE
AND "start_time" < DATEADD(hour, -1, CURRENT_TIMESTAMP());
"""

SUCCESS_RATE = """\
-- Check success rate in last 24 hours
SELECT 
    COUNT(*) as total_executions,
    SUM(CASE WHEN "status" = 'completed' THEN 1 ELSE 0 END) as successful,
    SUM(CASE WHEN "status" = 'error' THEN 1 ELSE 0 END) as failed,
    ROUND(100.0 * SUM(CASE WHEN "status" = 'completed' THEN 1 ELSE 0 END) / COUNT(*), 2) as success_rate_percent
FROM policy_execution_state
WHERE "start_time" >= DATEADD(hour, -24, CURRENT_TIMESTAMP());
"""
