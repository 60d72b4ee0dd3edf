"""What every answer of the API has in common, so that each test checks all of it."""

from __future__ import annotations

import re
from typing import Any

import httpx

Json = dict[str, Any]
INTERNALS = re.compile(
    r"Traceback|File \"|/site-packages/|roundtrip/|sqlite3|psycopg|msgspec|<html|<!doctype|SELECT |INSERT ", re.IGNORECASE
)
RULES = {
    "REQUIRED_FIELD",
    "MIN_LENGTH",
    "MAX_LENGTH",
    "FORMAT",
    "INVALID_ENUM_VALUE",
    "REQUIRED_ONE_OF_FIELD",
    "ONE_OF_ALIGNMENT",
    "OTHER",
}


def check_headers(answer: httpx.Response) -> None:
    """A request id, CORS for everybody, nothing kept, nothing sniffed, no cookie; on success and on error."""
    headers = answer.headers
    assert re.fullmatch(r"\d+\.\d{18}", headers["x-wix-request-id"]), headers
    assert headers["access-control-allow-origin"] == "*"
    assert "x-wix-request-id" in headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers
    assert "location" not in headers
    assert int(headers["content-length"]) == len(answer.content) or answer.request.method == "HEAD"


def succeeded(answer: httpx.Response) -> Json:
    """A 200 with a JSON object: nothing else counts as success for the official SDK."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    check_headers(answer)
    body = answer.json()
    assert isinstance(body, dict)
    return body


def refused(answer: httpx.Response, status: int | None = None, code: str | None = None) -> Json:
    """The contract's error body with this status and code; answers `applicationError` or `validationError`."""
    assert 400 <= answer.status_code < 500, answer.text
    assert status is None or answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    check_headers(answer)
    body = answer.json()
    assert isinstance(body["message"], str)
    assert body["message"]
    assert set(body) <= {"message", "details", "error", "error_description"}, body
    assert len(body["details"]) == 1, body
    (kind,) = body["details"]
    details: Json = body["details"][kind]
    if kind == "error_key":
        assert re.fullmatch(r"[A-Z_]+", str(details)), "the first generation of tickets: its clients look for this name"
        return {"code": details}
    if kind in ("applicationError", "statusError"):
        assert set(details) == {"code", "description", "data"}, details
        assert isinstance(details["code"], str)
        assert details["description"]
        assert isinstance(details["data"], dict)
    else:
        assert kind == "validationError", body
        for violation in details["fieldViolations"]:
            assert set(violation) == {"field", "description", "violatedRule", "ruleName", "data"}, violation
            assert violation["violatedRule"] in RULES
            assert not violation["field"].startswith("$")
            assert isinstance(violation["data"], dict), "the official SDK reads data.type of every violation"
    assert code is None or details.get("code") == code, body
    assert not INTERNALS.search(answer.text), answer.text
    return details


def violated(answer: httpx.Response, field: str, rule: str) -> Json:
    """A validation error about exactly this field and rule; answers its `data`."""
    (violation,) = refused(answer, 400)["fieldViolations"]
    assert (violation["field"], violation["violatedRule"]) == (field, rule), violation
    return dict(violation["data"])


def is_violated(answer: httpx.Response, field: str) -> bool:
    """True when the answer complains about this field; any other answer has to have the contract's shape too."""
    if answer.status_code == 200:
        succeeded(answer)
        return False
    details = refused(answer)
    return any(violation["field"] == field for violation in details.get("fieldViolations", ()))
