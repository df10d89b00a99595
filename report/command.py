"""`python -m local_stack report`: reads the views and writes the page."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import snowflake.connector
from snowflake.connector import DictCursor, SnowflakeConnection
from snowflake.connector.errors import Error

from report.page import page
from report.policy_dashboard import (
    NotConnectedError,
    Read,
    Row,
    ViewsMissingError,
    connection_parameters,
    count_text,
    number_text,
    percent_text,
    read_overview,
    read_stories,
    window_told,
)


def run(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> int:
    """Write the report; answers the exit code: 0, 1 when it cannot be read, 2 when nothing can run.

    Args:
        arguments: of the command line: output, days and title.
        environment: the SNOWFLAKE_* variables.

    """
    output: Path = arguments.output
    if output.is_dir() or not output.parent.is_dir():
        return _refused(f"{output} is no file that can be written", 2)
    try:
        parameters = connection_parameters(environment)
    except NotConnectedError as error:
        return _refused(str(error), 2)
    try:
        with snowflake.connector.connect(**parameters) as connection:
            read = reader(connection)
            overview = read_overview(read, arguments.days)
            listed = [row["execution_id"] for row in overview["recent"]]
            stories = read_stories(read, overview["place"], listed)
    except ViewsMissingError as error:
        return _refused(str(error), 1)
    except Error as error:
        return _refused(f"the views cannot be read: {error.msg or error}", 1)
    try:
        write(output, page(arguments.title, overview, stories))
    except OSError as error:
        return _refused(f"{output} cannot be written: {error.strerror or error}", 2)
    figures = overview["figures"]
    print(f"{output}: {window_told(overview)}")
    print(
        f"{count_text(figures['executions'], 'execution')}, {number_text(figures['completed'])}"
        f" completed, {number_text(figures['failed'])} failed,"
        f" {number_text(figures['cancelled'])} cancelled, {number_text(figures['open'])} open;"
        f" success rate {percent_text(figures['success_rate'])};"
        f" {number_text(len(listed))} shown one by one"
    )
    return 0


def _refused(why: str, code: int) -> int:
    print(f"report: {why}", file=sys.stderr)
    return code


def reader(connection: SnowflakeConnection) -> Read:
    """Read through a connection of the connector, which must bind `?` (paramstyle qmark)."""

    def read(sql: str, bound: Sequence[object]) -> list[Row]:
        with connection.cursor(DictCursor) as cursor:
            found = cursor.execute(sql, list(bound) or None)
            return [dict(row) for row in found.fetchall()] if found else []

    return read


def write(output: Path, text: str) -> None:
    """Write a file whole or not at all.

    Args:
        output: the file; one that is there is replaced.
        text: what it is to hold.

    Raises:
        OSError: it cannot be written; what was there before is still there.

    """
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=output.parent, prefix=f".{output.name}.", delete=False
    ) as beside:
        new = Path(beside.name)
        try:
            beside.write(text)
            beside.flush()
            new.chmod(0o644)
            new.replace(output)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
