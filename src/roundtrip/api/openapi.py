"""OpenAPI 3.1, generated from the operation table. Nothing in the document is written by hand.

`tests/api/test_schemathesis.py` holds the running server against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from roundtrip.api.error_statuses import MEANING, STATUS_OF_CODE, statuses
from roundtrip.api.operation import GUID_PATTERN, Operation

REF = "#/components/schemas/{name}"
JSON = "application/json"
FILE = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"

_TEXT = {"type": "string"}
_VIOLATION = {
    "type": "object",
    "required": ["field", "description", "violatedRule", "ruleName", "data"],
    "properties": {"field": _TEXT, "description": _TEXT, "violatedRule": _TEXT, "ruleName": _TEXT, "data": {"type": "object"}},
}
_TOLD = {
    "type": "object",
    "required": ["code", "description", "data"],
    "properties": {"code": _TEXT, "description": _TEXT, "data": {"type": "object"}},
}
_APPLICATION_ERROR = {"type": "object", "required": ["applicationError"], "properties": {"applicationError": _TOLD}}
_STATUS_ERROR = {"type": "object", "required": ["statusError"], "properties": {"statusError": _TOLD}}
_ERROR_KEY = {"type": "object", "required": ["error_key"], "properties": {"error_key": _TEXT}}
_VALIDATION_ERROR = {
    "type": "object",
    "required": ["validationError"],
    "properties": {
        "validationError": {
            "type": "object",
            "required": ["fieldViolations"],
            "properties": {"fieldViolations": {"type": "array", "minItems": 1, "items": _VIOLATION}},
        }
    },
}
_ERROR = {
    "type": "object",
    "required": ["message", "details"],
    "properties": {"message": _TEXT, "details": {"oneOf": [_APPLICATION_ERROR, _VALIDATION_ERROR, _STATUS_ERROR, _ERROR_KEY]}},
}
_NOT_READY = {
    "type": "object",
    "required": ["status", "problems"],
    "properties": {"status": _TEXT, "problems": {"type": "array", "items": _TEXT}},
}
_REQUEST_ID = {"x-wix-request-id": {"description": "What support and logs know this request by.", "required": True, "schema": _TEXT}}


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The whole API. Aliases of a path are listed as paths of their own, because clients call them."""
    types = [kind for one in operations for kind in (one.request, one.response, one.form) if kind is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    by_type = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        for place, path in enumerate(operation.paths):
            paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, path, place, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Roundtrip", "version": version, "summary": "Hosted pages for headless sites."},
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _ERROR, "NotReady": _NOT_READY},
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "An access token or an API key, bare or behind `Bearer`.",
                }
            },
        },
    }


def _operation(operation: Operation, path: str, place: int, by_type: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name if place == 0 else f"{operation.name}_{place + 1}",
        "summary": operation.summary,
        "responses": _responses(operation, path, by_type),
    }
    parameters = _parameters(operation, path)
    if parameters:
        described["parameters"] = parameters
    if operation.callers:
        described["security"] = [{"token": []}]
    if operation.request is not None:
        content: dict[str, Any] = {"schema": by_type[operation.request]}
        if operation.example:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    elif operation.form_body:
        schema = by_type[operation.form] if operation.form is not None else {"type": "object"}
        described["requestBody"] = {
            "required": True,
            "content": {
                JSON: {"schema": schema, "example": operation.example},
                FORM: {"schema": {"type": "object", "additionalProperties": _TEXT}},
            },
        }
    elif operation.upload:
        described["requestBody"] = {"required": True, "content": {FILE: {"schema": {"type": "string", "format": "binary"}}}}
    return described


def _parameters(operation: Operation, path: str) -> list[dict[str, Any]]:
    id_schema = {"type": "string", "pattern": GUID_PATTERN, "minLength": 36, "maxLength": 36}
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": id_schema if name == "id" else dict(operation.path_schemas.get(name, {"type": "string", "minLength": 1})),
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    found += [
        {"name": name, "in": "query", "description": text, "schema": dict(operation.query_schemas.get(name, _TEXT))}
        for name, text in operation.query
    ]
    if operation.idempotent:
        text = "Any text of your own; the same key brings the first answer again."
        # Header values are visible ASCII (RFC 9110 5.5); what is around it is no part of the key.
        schema = {"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"}
        found.append({"name": "Idempotency-Key", "in": "header", "description": text, "schema": schema})
    return found


def _responses(operation: Operation, path: str, by_type: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    schema = by_type[operation.response] if operation.response is not None else _TEXT if operation.produces != JSON else {"type": "object"}
    responses: dict[str, Any] = {
        "200": {"description": "Done", "headers": _REQUEST_ID, "content": {operation.produces: {"schema": schema}}}
    }
    for status in sorted(_refusals(operation, path)):
        codes = [f"`{code}`" for code in operation.errors if STATUS_OF_CODE.get(code) == status]
        responses[str(status)] = _refusal(MEANING[status] + (f": {', '.join(codes)}" if codes else ""), status)
    if any(code not in STATUS_OF_CODE for code in operation.errors):
        responses["4XX"] = _refusal("A refusal", 400)
    if operation.not_ready:
        not_ready = {"schema": {"$ref": REF.format(name="NotReady")}}
        responses["503"] = {"description": "Not ready; the reasons", "headers": _REQUEST_ID, "content": {JSON: not_ready}}
    return responses


def _refusals(operation: Operation, path: str) -> set[int]:
    """Every status below 500 that this operation can answer with, and the 503 of a database that is away."""
    # 401 and 403 without `callers` as well: whoever sends an API key that is not good is told so everywhere.
    found = {401, 403, 503} | statuses(operation.errors)
    if operation.request is not None or operation.form_body or operation.upload:
        found |= {400, 413}
    if operation.query or operation.idempotent:
        found.add(400)
    if "{" in path:
        found.add(404)
    if operation.idempotent:
        found.add(409)
    return found


def _refusal(description: str, status: int) -> dict[str, Any]:
    headers = dict(_REQUEST_ID)
    if status in (429, 503):
        headers["retry-after"] = {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer", "minimum": 0}}
    return {"description": description, "headers": headers, "content": {JSON: {"schema": {"$ref": REF.format(name="Error")}}}}
