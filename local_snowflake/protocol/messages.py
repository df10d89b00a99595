"""The bodies of requests and answers in Snowflake's protocol."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

from starlette.requests import Request

from local_snowflake.engine.parsing import bound_value
from local_snowflake.sessions.session import Session
from local_snowflake.values.results import Result


async def json_body(request: Request) -> dict[str, Any]:
    """Read a request's JSON, compressed or not."""
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    parsed: dict[str, Any] = json.loads(body)
    return parsed


def bound_values(bindings: dict[str, dict[str, Any]]) -> list[Any] | None:
    """Turn a request's bindings into the values for `?`."""
    params: list[Any] = []
    for position in range(1, len(bindings) + 1):
        binding = bindings[str(position)]
        if isinstance(binding["value"], list):
            params.append(list(binding["value"]))
        else:
            params.append(None if binding["value"] is None else bound_value(binding))
    return params or None


def answer(session: Session, result: Result) -> dict[str, Any]:
    """Write a result as the data of an answer."""
    return {
        "parameters": [{"name": "TIMEZONE", "value": session.parameters.zone}],
        "rowtype": result.rowtype,
        "rowset": result.rowset,
        "total": len(result.rowset),
        "returned": len(result.rowset),
        "queryId": result.query_id or str(uuid.uuid4()),
        "statementTypeId": result.type_id,
        "queryResultFormat": "json",
        "finalDatabaseName": session.database,
        "finalSchemaName": session.schema,
    }
