"""The `login` flow: one step, and back to the post-flow address whether or not it succeeded."""

from __future__ import annotations

from typing import Any

from roundtrip.flows.base import Asked, Began, Context, Flow, Identity, Outcome
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.links import through_entry
from roundtrip.flows.login.params import INTENT, Login
from roundtrip.flows.steps.login import LOGIN, IdentifiedDraft
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


def check(tx: Tx, asked: Asked[Login]) -> None:
    """Anybody who may create sessions may send a visitor to log in."""


def begin(tx: Tx, context: Context[Login]) -> Began[IdentifiedDraft]:
    """Always the page first: this intent does not look for a login that is there already."""
    return Began(IdentifiedDraft())


def finish(tx: Tx, draft: IdentifiedDraft, context: Context[Login]) -> Outcome:
    """The login was made by the step; there is no id to bring back."""
    return Outcome()


def _no_params(params: Any) -> dict[str, str]:
    return {}


FLOW: Flow[Login, IdentifiedDraft] = Flow(
    intent=INTENT,
    params=Login,
    draft=IdentifiedDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.ANYONE,
    check=check,
    link=through_entry(lambda params: "/__members/login", _no_params),
    begin=begin,
    steps=(LOGIN,),
    finish=finish,
    leave=after_flow,
    blank_in_frame=True,
)
