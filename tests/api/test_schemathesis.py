"""What the OpenAPI document promises is what the server does, for inputs that nobody thought of.

Schemathesis reads our own document and asks a real server. The examples are the same in every run. Aliases of a path are left out: they
lead to the same operation.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks

from roundtrip.api.error_statuses import STATUS_OF_CODE
from roundtrip.api.operation import Operation
from roundtrip.api.operations import OPERATIONS
from roundtrip.app import openapi_document
from roundtrip.core.identity import ApiKey, Visitor
from tests.browser.shop import Shop
from tests.operations.conftest import open_shop
from tests.server_fixtures import StartServer

DOCUMENT = json.loads(openapi_document())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 6


@pytest.fixture(scope="module")
def shop(start_server: StartServer) -> Shop:
    """A server of its own: nobody else's sessions are expired here by accident."""
    return open_shop(start_server())


def _name(value: object) -> str:
    return value.name if isinstance(value, Operation) else str(value)


CASES = [
    (operation, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    # Nothing can be wrong about a request in which nothing is described.
    if mode is GenerationMode.POSITIVE
    or {"parameters", "requestBody"} & set(DOCUMENT["paths"][operation.paths[0]][operation.method.lower()])
]


@pytest.mark.parametrize(("operation", "mode"), CASES, ids=_name)
def test_every_answer_is_one_that_the_document_promises(shop: Shop, operation: Operation, mode: GenerationMode) -> None:
    token = shop.visitor() if Visitor in operation.callers else shop.key if ApiKey in operation.callers else None
    described = SCHEMA[operation.paths[0]][operation.method]

    @given(case=described.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case[Any]) -> None:
        if case.query and case.query.get("wait"):
            case.query["wait"] = min(1, case.query["wait"]) if isinstance(case.query["wait"], int) else case.query["wait"]
        answer = case.call(base_url=shop.server.origin, headers={"Authorization": token} if token else {}, timeout=20)
        case.validate_response(answer, checks=CHECKS)

    ask()


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_every_code_of_an_operation_has_a_status_in_the_document(operation: Operation) -> None:
    assert [code for code in operation.errors if code not in STATUS_OF_CODE] == [], "add it to api/error_statuses.py"


def test_every_schema_of_the_document_is_a_schema() -> None:
    """JSON Schema 2020-12, as OpenAPI 3.1 wants; every reference leads to something."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema_rs.meta.validate({**schema, "components": DOCUMENT["components"]})
        jsonschema_rs.validator_for(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": DOCUMENT["components"]}
        )
        assert name
    ids = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


def test_the_command_prints_the_same_document_that_the_server_serves(shop: Shop) -> None:
    served = shop.http.get(f"{shop.server.origin}/openapi.json").json()
    assert json.loads(shop.server.command("openapi")) == served == DOCUMENT
