"""The how-to about adding a flow is true: its code, put into a folder as it stands there, is a flow that works."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import roundtrip.flows as flows_package
from roundtrip.core.errors import AppError
from roundtrip.flows.registry import registry
from roundtrip.redirect_session.model import Status
from roundtrip.web.render import Renderer
from tests.flows.browser import sent_to, shown
from tests.flows.examples import Walk
from tests.flows.shop import Shop
from tests.web import samples

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-flow.md"
FOLDER = "restaurant_reservation"
INTENT = "restaurantReservation"
BLOCK = re.compile(r"^```(?:python|html)\n(?:# |\{# )flows/(\S+)(?: #\})?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The flow of the how-to, installed for the length of a test."""
    blocks = BLOCK.findall(HOW_TO.read_text("utf-8"))
    assert len(blocks) == 9
    for place, text in blocks:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    flows_package.__path__.append(str(tmp_path))
    registry.cache_clear()
    yield tmp_path / FOLDER
    flows_package.__path__.remove(str(tmp_path))
    registry.cache_clear()
    for name in [name for name in sys.modules if f".{FOLDER}" in name]:
        del sys.modules[name]
    vars(flows_package).pop(FOLDER, None)


def test_the_flow_of_the_how_to_takes_a_visitor_there_and_back(shop: Shop, folder: Path) -> None:
    assert INTENT in registry().flows
    walk = Walk(shop, FOLDER, INTENT)
    created, page = walk.upto(0)
    assert (shown(page).step.name, shown(page).of) == ("party", 2)
    target, params = sent_to(walk.on(created.session.id, page))
    assert target == walk.example.returns_to
    assert params == {"reservationId": created.session.id, "wixMemberLoggedIn": "false"}
    assert shop.session(created.session.id).status is Status.RETURNED
    told = [body for slug, body in shop.events(created.session.id) if "partySize" in body]
    assert told == [{"restaurantId": "7a4f0e9b-1f1f-46f0-b1b7-a015d0b2c1e7", "partySize": 4, "day": "2099-05-01"}]


def test_its_fields_are_checked(shop: Shop, folder: Path) -> None:
    walk = Walk(shop, FOLDER, INTENT)
    created, _ = walk.upto(0)
    for wrong in ("", "0", "21", "four", "٤", "-1"):
        with pytest.raises(AppError) as refused:
            walk.tab.submit(created.session.id, "party", {"party_size": wrong})
        assert [violation.field for violation in refused.value.violations] == ["party_size"]
    walk.tab.submit(created.session.id, "party", {"party_size": "2"})
    for wrong in ("", "tomorrow", "2001-01-01"):
        with pytest.raises(AppError) as refused:
            walk.tab.submit(created.session.id, "table", {"day": wrong})
        assert [violation.field for violation in refused.value.violations] == ["day"]


def test_its_message_is_validated(folder: Path) -> None:
    params = registry().params[INTENT]
    for wrong in ({}, {"restaurantId": "7"}, {"restaurantId": "7a4f0e9b-1f1f-46f0-b1b7-a015d0b2c1e7", "partySize": 21}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, params)


def test_its_pages_can_be_shown(shop: Shop, folder: Path) -> None:
    walk = Walk(shop, FOLDER, INTENT)
    created, then = walk.upto(0)
    renderer = Renderer(first=[folder / "templates"])
    for filled in walk.example.filled_in:
        page = shown(then)
        usual = {"action": "/x", "values": {}, "errors": [], "progress": {"number": page.number, "total": page.of}}
        html = renderer.render(f"{page.step.name}.html", samples.page(), {**page.view, **usual})
        for name in filled.form:
            assert f'name="{name}"' in html
        then = walk.tab.fill_in(created.session.id, filled.page, filled.form)
    assert "A table for 4 people." in html
