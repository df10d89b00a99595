"""The rules of the audit, one function each.

The docstring of a rule says what Snowflake does, with a link to the page of facts. A rule of
statements takes one statement, a rule of calls takes all statements of one CALL in their order, and
a rule of sources takes the texts of the project's files. A rule yields one text for each finding.
"""

from __future__ import annotations

from tests.sql_audit.rules.binds import BIND_RULES
from tests.sql_audit.rules.calls import CALL_RULES
from tests.sql_audit.rules.form import FORM_RULES, TEXT_RULES
from tests.sql_audit.rules.names import NAME_RULES
from tests.sql_audit.rules.procedures import PROCEDURE_RULES
from tests.sql_audit.rules.sources import SOURCE_RULES
from tests.sql_audit.rules.time import TIME_RULES
from tests.sql_audit.rules.types import TYPE_RULES
from tests.sql_audit.rules.writes import WRITE_RULES

STATEMENT_RULES = (
    *NAME_RULES,
    *TYPE_RULES,
    *BIND_RULES,
    *TIME_RULES,
    *WRITE_RULES,
    *FORM_RULES,
    *PROCEDURE_RULES,
)

__all__ = ["CALL_RULES", "SOURCE_RULES", "STATEMENT_RULES", "TEXT_RULES"]
