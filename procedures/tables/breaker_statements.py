"""The SQL of policy_api_breakers: one row for each endpoint of the API; see statements."""
# ruff: noqa: S608  # as in statements

from __future__ import annotations

from procedures.tables.statements import NOW, ROWS

# The longest pause between two probes, unless the var says a longer one.
LONGEST_OPEN_SECONDS = 3600


# When the next probe is due: of a probe under way, when its lease ends.
_UNTIL = """case when b."state" = 'half_open' then b."probe_expires_at" else b."retry_at" end"""


def count_breakers_sql(breakers: str) -> str:
    """A relation of one row: how many breakers are not closed, as `not_closed`."""
    return f"""(
    select count(*) as not_closed
    from {breakers} b
    where b."state" <> 'closed'
)"""


def read_breakers_sql(breakers: str) -> str:
    """Read the breakers that are not closed, for `open_breaker_of`."""
    return f"""
select
    b."endpoint",
    b."url",
    to_varchar(b."opened_at", 'YYYY-MM-DD HH24:MI:SS'),
    to_varchar({_UNTIL}, 'YYYY-MM-DD HH24:MI:SS'),
    b."problem",
    datediff(millisecond, {NOW}, {_UNTIL})
from {breakers} b
where b."state" <> 'closed'
"""


def now_sql() -> str:
    """Read the time, as the text that a breaker's times are."""
    return f"select to_varchar({NOW}, 'YYYY-MM-DD HH24:MI:SS')"


def take_probes_sql(breakers: str, probe_seconds: int) -> str:
    """Make a run the prober of endpoints, where a probe is due and no other run probes."""
    return f"""
update {breakers} b
set
    "state" = 'half_open',
    "probe_run" = s.run_id,
    "probe_expires_at" = dateadd(second, {int(probe_seconds)}, {NOW}),
    "changed_at" = {NOW}
from (
    select
        f.value:endpoint::varchar as endpoint,
        f.value:run_id::varchar as run_id
    from {ROWS}
) s
where b."endpoint" = s.endpoint
  and (
      (b."state" = 'open' and b."retry_at" <= {NOW})
      or (b."state" = 'half_open' and b."probe_expires_at" <= {NOW})
  )
"""


def probed_sql(breakers: str) -> str:
    """Read which endpoints a run probes."""
    return f"""
select b."endpoint"
from {breakers} b
where b."probe_run" = ?
  and b."state" = 'half_open'
"""


def open_sql(breakers: str, open_seconds: int) -> str:
    """Open breakers: for the first time for `open_seconds`, after a failed probe for twice as long.

    A breaker that another run has opened stays as it is.
    """
    base, longest = int(open_seconds), max(int(open_seconds), LONGEST_OPEN_SECONDS)
    doubled = f'least(2 * coalesce(t."open_seconds", {base}), {longest})'
    return f"""
merge into {breakers} t
using (
    select
        f.value:endpoint::varchar as endpoint,
        f.value:url::varchar as url,
        f.value:problem::varchar as problem,
        f.value:run_id::varchar as run_id
    from {ROWS}
) s
on t."endpoint" = s.endpoint
when matched
    and t."state" = 'half_open'
    and t."probe_run" = s.run_id
then update set
    "state" = 'open',
    "problem" = s.problem,
    "open_seconds" = {doubled},
    "retry_at" = dateadd(second, {doubled}, {NOW}),
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
when matched
    and (t."state" = 'closed' or t."url" <> s.url)
then update set
    "state" = 'open',
    "url" = s.url,
    "problem" = s.problem,
    "opened_at" = {NOW},
    "open_seconds" = {base},
    "retry_at" = dateadd(second, {base}, {NOW}),
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
when not matched then insert (
    "endpoint", "url", "state", "problem", "opened_at", "open_seconds", "retry_at", "changed_at"
)
values (
    s.endpoint, s.url, 'open', s.problem, {NOW}, {base}, dateadd(second, {base}, {NOW}), {NOW}
)
"""


def close_sql(breakers: str) -> str:
    """Close the breaker of an endpoint that a run probes."""
    return f"""
update {breakers}
set
    "state" = 'closed',
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
where "probe_run" = ?
  and "endpoint" = ?
  and "state" = 'half_open'
"""


def reset_sql(breakers: str) -> str:
    """Close breakers by hand: the one of an endpoint, or all."""
    return f"""
update {breakers}
set
    "state" = 'closed',
    "probe_run" = null,
    "probe_expires_at" = null,
    "changed_at" = {NOW}
where "state" <> 'closed'
  and "endpoint" = coalesce(nullif(?, ''), "endpoint")
"""
