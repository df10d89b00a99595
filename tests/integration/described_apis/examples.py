"""The examples of docs/apis/, as they are run against a described API."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import yaml

from tests.integration.described_apis.acceldata import Acceldata
from tests.integration.described_apis.accepted_location import AcceptedLocation
from tests.integration.described_apis.datadog import Datadog
from tests.integration.described_apis.described_api import DescribedApi
from tests.integration.described_apis.jsend import JSend
from tests.integration.described_apis.json_api import JsonApi
from tests.integration.described_apis.lists_and_forms import ListsAndForms
from tests.integration.described_apis.monte_carlo import MonteCarlo
from tests.integration.described_apis.nested_shapes import NestedShapes
from tests.integration.described_apis.pagerduty import PagerDuty
from tests.integration.described_apis.soda import Soda
from tests.repository import ROOT

FOLDER = ROOT / "docs" / "apis"
EXAMPLES: tuple[type[DescribedApi], ...] = (
    Acceldata, Soda, MonteCarlo, Datadog, PagerDuty, JSend, JsonApi, AcceptedLocation,
)  # fmt: skip
# Beside the files: shapes that no API of docs/apis/ has.
ALL = (*EXAMPLES, NestedShapes, ListsAndForms)


def example_vars(api: type[DescribedApi]) -> dict[str, Any]:
    """The vars that describe an API: those of its file, or its own."""
    if api.DESCRIPTION:
        return {"policy_api": deepcopy(api.DESCRIPTION)}
    text = (FOLDER / f"{api.FACTS.example}.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["vars"]
    return found
