"""Finds the example of every installed flow and walks it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

import pytest

import roundtrip.flows as flows_package
from roundtrip.flows.create import Created
from roundtrip.flows.example import Example
from roundtrip.flows.registry import registry
from roundtrip.flows.runner import Next
from tests.flows.browser import Tab
from tests.flows.shop import SHOP_ID, Shop


def installed() -> Iterator[tuple[str, str]]:
    """(folder, intent) of every flow that can be visited."""
    for module in pkgutil.iter_modules(flows_package.__path__):
        if module.ispkg and module.name != "steps":
            intent = importlib.import_module(f"roundtrip.flows.{module.name}.params").INTENT
            if intent in registry().flows:
                yield module.name, intent


def example_in(folder: str) -> Example:
    """The example in a flow's folder. A flow without one is not finished."""
    name = f"roundtrip.flows.{folder}.example"
    try:
        example = importlib.import_module(name).EXAMPLE
    except ModuleNotFoundError:
        pytest.fail(f"flows/{folder} has no example.py; docs/how-to/add-a-flow.md says what belongs into it", pytrace=False)
    assert isinstance(example, Example)
    return example


def message_at(shop: Shop, intent: str) -> Mapping[str, object]:
    """The message of an intent's example, about something that is there now."""
    example = example_in(next(folder for folder, known in installed() if known == intent))
    shop.db.write_now(example.prepare, shop.site, shop.now)
    return example.message(SHOP_ID)


class Walk:
    """One flow's example at the shop, and the browser that takes it."""

    def __init__(self, shop: Shop, folder: str, intent: str) -> None:
        self.shop = shop
        self.intent = intent
        self.example = example_in(folder)
        self.tab = Tab(shop)
        shop.db.write_now(self.example.prepare, shop.site, shop.now)
        if self.example.logged_in_before:
            self.tab.log_in(shop.ann)

    @property
    def pages(self) -> list[str]:
        """The pages of the happy path, in order."""
        return [filled.page for filled in self.example.filled_in]

    def create(self) -> Created:
        """The site asks for a session."""
        another = self.example.another
        message = self.shop.db.write_now(another, self.shop.site, self.shop.now) if another else self.example.message(SHOP_ID)
        return self.shop.create(self.intent, message, callbacks=self.example.callbacks)

    def upto(self, page: int) -> tuple[Created, Next]:
        """A new session, opened, with every page before number `page` (from 0) filled in."""
        created = self.create()
        return created, self.on(created.session.id, self.tab.open(created), upto=page)

    def on(self, session_id: str, then: Next, *, start: int = 0, upto: int | None = None) -> Next:
        """Fill in the pages from number `start` up to number `upto`, or to the end."""
        for filled in self.example.filled_in[start:upto]:
            then = self.tab.fill_in(session_id, filled.page, filled.form)
        return then
