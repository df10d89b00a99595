"""The rules, one function each; the docstring says what Snowflake does, and where the facts say so.

A rule of a statement takes one statement, a rule of a call all statements of one CALL in their
order, a rule of sources the texts of the project's files. Each answers what is wrong, one text a
finding.
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
