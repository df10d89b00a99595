"""The command `python -m report`: reads the views and writes the report."""

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

from report.connection import NotConnectedError, connection_parameters
from report.options import options
from report.page import page
from report.reading import read_overview, read_stories
from report.sentences import window_sentence
from report.views import Read, Row, ViewsMissingError
from report.words import count_text, number_text, percent_text


def main(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code of `run`."""
    parser = argparse.ArgumentParser(
        prog="python -m report",
        description="Writes an HTML report about the policy executions in the account that the"
        " SNOWFLAKE_* environment variables name.",
        parents=[options()],
    )
    return run(parser.parse_args(arguments))


def run(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> int:
    """Write the report.

    Args:
        arguments: the values of the options: output, days and title.
        environment: the environment variables, SNOWFLAKE_* among them.

    Returns:
        The exit code: 0; 1 when the views cannot be read; 2 when a variable is missing or
        unusable, or the file cannot be written.

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
    print(f"{output}: {window_sentence(overview)}")
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
    """Read through a connection whose paramstyle is qmark: it binds values to `?`."""

    def read(sql: str, bound: Sequence[object]) -> list[Row]:
        with connection.cursor(DictCursor) as cursor:
            found = cursor.execute(sql, list(bound) or None)
            return [dict(row) for row in found.fetchall()] if found else []

    return read


def write(output: Path, text: str) -> None:
    """Write a file completely or not at all.

    Args:
        output: the file; an existing file is replaced.
        text: the content of the file.

    Raises:
        OSError: the file cannot be written; an existing file is as it was.

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
