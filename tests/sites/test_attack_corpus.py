"""Every known trick, against both rules and both modes (RED-01 to RED-06, TST-02)."""

from __future__ import annotations

from operator import attrgetter

import pytest
from ada_url import URL

from roundtrip.core.errors import AppError
from roundtrip.sites.allow_list import Rule, allows_origin, judge, require
from roundtrip.sites.explain import explain, public_text
from roundtrip.sites.model import ApplicationType, Mode
from tests.sites.attack_corpus import ALLOWED_URI, ATTACKS, DOMAIN_ATTACKS, Attack
from tests.sites.clients import make_client

EACH_ATTACK = pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("why"))
MODES = pytest.mark.parametrize("mode", list(Mode))


@MODES
@EACH_ATTACK
def test_no_trick_passes_for_the_listed_redirect_uri(attack: Attack, mode: Mode) -> None:
    """RED-01, RED-04, RED-05, RED-06, TST-02"""
    for kind in ApplicationType:
        assert not judge(make_client(kind=kind), mode, Rule.REDIRECT_URI, attack.url).allowed
    assert not judge(make_client(post_logout=(ALLOWED_URI,)), mode, Rule.POST_LOGOUT_URI, attack.url).allowed


@MODES
@pytest.mark.parametrize("attack", DOMAIN_ATTACKS, ids=attrgetter("why"))
def test_no_trick_passes_for_the_listed_domain(attack: Attack, mode: Mode) -> None:
    """RED-02, RED-03, RED-06, TST-02"""
    assert not judge(make_client(), mode, Rule.REDIRECT_DOMAIN, attack.url).allowed


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.refused_by == "uri-only"], ids=attrgetter("why"))
def test_where_the_host_decides_the_path_is_free(attack: Attack) -> None:
    """RED-02: and what is sent stays on the listed host."""
    verdict = judge(make_client(), Mode.LIVE, Rule.REDIRECT_DOMAIN, attack.url)
    assert verdict.allowed
    assert URL(verdict.href).origin == "https://shop.example"


@EACH_ATTACK
def test_no_trick_is_a_browser_origin(attack: Attack) -> None:
    """OPS-06"""
    if attack.url != "https://shop.example":
        assert not allows_origin(make_client(), Mode.LIVE, attack.url)


@pytest.mark.parametrize("rule", list(Rule))
@EACH_ATTACK
def test_every_refusal_can_be_told_without_breaking_the_page(attack: Attack, rule: Rule) -> None:
    """RED-19, OPS-07: no line break or invisible character of the caller survives, and the public sees the encoded host at most."""
    verdict = judge(make_client(), Mode.LIVE, rule, attack.url)
    explanation = explain(verdict)
    for text in (explanation.description, *explanation.marked, public_text(verdict)):
        assert text.isprintable()
    assert "".join(explanation.marked) or not attack.url
    public = public_text(verdict)
    assert public.isascii()
    assert not set('<>"&/\\@') & set(public)
    assert "/cb" not in public


@EACH_ATTACK
def test_a_refusal_names_the_field_and_never_invites_to_redirect(attack: Attack) -> None:
    """RED-08, RED-09, RED-10, RED-19"""
    with pytest.raises(AppError) as refused:
        require(make_client(), Mode.LIVE, Rule.REDIRECT_URI, attack.url, "auth.authRequest.redirectUri")
    error = refused.value
    assert error.code == "INVALID_REDIRECT_URI"
    assert not error.may_return
    assert error.data["field"] == "auth.authRequest.redirectUri"
    assert error.data["url"] == attack.url
    assert error.data["reason"] not in ("LISTED", "", None)


def test_the_corpus_holds_every_line_of_the_checklist() -> None:
    """TST-02: a guard against losing entries."""
    assert len({attack.url for attack in ATTACKS}) == len(ATTACKS) >= 120
    assert judge(make_client(), Mode.LIVE, Rule.REDIRECT_URI, ALLOWED_URI).allowed
