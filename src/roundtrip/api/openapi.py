"""OpenAPI 3.1, generated from the operation table. Nothing in the document is written by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from roundtrip.api.operation import Operation

REF = "#/components/schemas/{name}"

_ERROR = {
    "type": "object",
    "required": ["message", "details"],
    "properties": {"message": {"type": "string"}, "details": {"type": "object"}},
}


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The whole API. Aliases of a path are listed as paths of their own, because clients call them."""
    types = [kind for operation in operations for kind in (operation.request, operation.response) if kind is not None]
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
            "schemas": {**components, "Error": _ERROR},
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
    }


def _operation(operation: Operation, path: str, place: int, by_type: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name if place == 0 else f"{operation.name}_{place + 1}",
        "summary": operation.summary,
        "responses": _responses(operation, by_type),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"\{(\w+)\}", path)
    ] + [{"name": name, "in": "query", "description": text, "schema": {"type": "string"}} for name, text in operation.query]
    if parameters:
        described["parameters"] = parameters
    if operation.callers:
        described["security"] = [{"token": []}]
    if operation.request is not None:
        content: dict[str, Any] = {"schema": by_type[operation.request]}
        if operation.example:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    elif operation.form_body:
        free = {"schema": {"type": "object"}, "example": operation.example}
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": free, "application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
        }
    return described


def _responses(operation: Operation, by_type: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    schema = by_type[operation.response] if operation.response is not None else {}
    error = {"description": "A refusal", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    return {"200": {"description": "Done", "content": {"application/json": {"schema": schema}}}, "4XX": error}
