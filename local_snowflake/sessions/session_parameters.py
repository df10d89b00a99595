"""The parameters of one session: its own, and those of its user and of the account."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from local_snowflake.engine.connection import Engine
from local_snowflake.engine.time_settings import TIME_PARAMETERS, UNSET, apply, time_settings
from local_snowflake.sessions.account import Account
from local_snowflake.sessions.parameters import (
    SESSION_PARAMETERS,
    STATEMENT_TIMEOUT,
    alter_parameters,
    known,
    show_parameters,
)
from local_snowflake.values.results import Result
from local_snowflake.values.timestamps import Mode


class SessionParameters:
    """The parameters of a session: its own come before its user's, and these before the account's.

    The parameters of times are those from the start of the session; the others are only shown.
    """

    def __init__(self, account: Account, user: str, given: Mapping[str, object]) -> None:
        self._account = account
        self._user = user
        self._own = known(given)
        self._given = self._of_user_and_account()
        self._clock: datetime.timedelta | None = None
        self._applied = UNSET
        self._times = time_settings(self.of_times())

    @property
    def zone(self) -> str:
        """The session's time zone."""
        return self._times.zone

    def of_times(self) -> dict[str, str]:
        """The parameters of times."""
        given = {name: value for name, (value, _) in self._given.items()}
        values = {**TIME_PARAMETERS, **given, **self._own}
        return {name: values[name] for name in TIME_PARAMETERS}

    def inherited(self) -> dict[str, str]:
        """The parameters that a called procedure inherits: of times, and the statement timeout."""
        return {**self.of_times(), STATEMENT_TIMEOUT: str(self.statement_timeout)}

    @property
    def statement_timeout(self) -> int:
        """Seconds that a statement may take; 0 for no bound."""
        default = SESSION_PARAMETERS[STATEMENT_TIMEOUT].default
        given = self._given.get(STATEMENT_TIMEOUT, (default, ""))[0]
        return int(self._own.get(STATEMENT_TIMEOUT, given))

    def apply_to(self, engine: Engine) -> Mode:
        """Set in the engine what has changed; answers what a translation depends on."""
        if self._account.clock_offset != self._clock:
            self._clock = self._account.clock_offset
            self._times = time_settings(self.of_times(), self._clock)
        if self._applied is not self._times:
            apply(engine, self._applied, self._times)
            self._applied = self._times
        return Mode(self._clock is not None, self._times.input_format is not None)

    def alter(self, text: str) -> Result:
        """ALTER SESSION; parameters of times count from the next statement on."""
        result = alter_parameters(self._own, text)
        self._times = time_settings(self.of_times(), self._clock)
        return result

    def show(self, pattern: str | None, scope: str) -> Result:
        """SHOW PARAMETERS."""
        shown = self._of_user_and_account()
        others = {name: one for name, one in shown.items() if name not in TIME_PARAMETERS}
        inherited = {**self._given, **others}
        return show_parameters(self._own, inherited, self._account.parameters, pattern, scope)

    def _of_user_and_account(self) -> dict[str, tuple[str, str]]:
        """What new sessions have, each value with its level: the user comes before the account."""
        of_account, users = self._account.parameters, self._account.user_parameters
        return {
            **{name: (value, "ACCOUNT") for name, value in of_account.items()},
            **{name: (value, "USER") for name, value in users.get(self._user, {}).items()},
        }
