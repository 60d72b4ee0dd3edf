"""Collects the intents from the folders beside this file. Adding a folder is all it takes.

`params.py` in a folder makes its intent known: decoded, validated, documented. `flow.py` makes it installed: it can be visited.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

import roundtrip.flows as flows_package
from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.base import Flow

_NOT_INTENTS = {"steps"}


@dataclass(frozen=True, slots=True)
class Registry:
    """Every known intent with its message type, and the flows that are installed."""

    params: Mapping[str, type[msgspec.Struct]]
    flows: Mapping[str, Flow[Any, Any]]

    def flow(self, intent: str) -> Flow[Any, Any]:
        """The installed flow of an intent. Raises INVALID `FLOW_NOT_INSTALLED`, naming the ones that are."""
        found = self.flows.get(intent)
        if found is None:
            installed = ", ".join(sorted(self.flows))
            raise AppError(
                Kind.INVALID,
                "FLOW_NOT_INSTALLED",
                f"The intent {intent!r} is valid, but its flow is not installed on this server. Installed: {installed}.",
                data={"intent": intent, "installed": sorted(self.flows)},
            )
        return found


@cache
def registry() -> Registry:
    """Import every folder once and remember what it offers."""
    params: dict[str, type[msgspec.Struct]] = {}
    flows: dict[str, Flow[Any, Any]] = {}
    for module in pkgutil.iter_modules(flows_package.__path__):
        if not module.ispkg or module.name in _NOT_INTENTS:
            continue
        folder = f"{flows_package.__name__}.{module.name}"
        message = importlib.import_module(f"{folder}.params")
        params[message.INTENT] = message.PARAMS
        if "flow" in {part.name for part in pkgutil.iter_modules(importlib.import_module(folder).__path__)}:
            flow = importlib.import_module(f"{folder}.flow").FLOW
            flows[flow.intent] = flow
    return Registry(params, flows)
