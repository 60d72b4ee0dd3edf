"""Every hosted page with a view that shows all of it, for the tests that walk them and for `preview.py`. Invented shops only."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from roundtrip.core.money import Money
from roundtrip.flows.next import Notice
from roundtrip.sites.allow_list import judge
from roundtrip.sites.model import Mode
from roundtrip.sites.verdict import Rule, Verdict
from roundtrip.text.catalogue import LANGUAGES, say
from roundtrip.web.end_texts import End, back_action, end_view, refusal_facts, start_again_action
from roundtrip.web.field_texts import pause_text
from roundtrip.web.notice_texts import notice_text
from roundtrip.web.payments import OTHERS
from roundtrip.web.render import Back, LanguageLink, Link, Page, Renderer, SiteView
from roundtrip.web.theme import parse_theme
from tests.sites.clients import make_client

BACK_URL = "https://nordlicht.example/"
REFERENCE = "01993f1c-7a54-7f0e-9b1f-1f6f0f1b7a01"

THEMES: Mapping[str, str] = {
    "plain": "{}",
    "orange": '{"brandColor":"#ff7a1a","cornerRadius":18,"fontFamily":"rounded"}',
    "navy": '{"brandColor":"#1b2a6b","cornerRadius":2,"fontFamily":"serif","logoUrl":"/logo.svg","logoWidth":120,"logoHeight":40}',
}
POLICIES = {
    "en": ("Privacy", "Terms", "Shipping and returns"),
    "de": ("Datenschutzerklärung", "Allgemeine Geschäftsbedingungen", "Versand und Rücksendung"),
    "es": ("Privacidad", "Condiciones generales", "Envíos y devoluciones"),
    "fr": ("Confidentialité", "Conditions générales de vente", "Livraison et retours"),
    "ja": ("プライバシーポリシー", "特定商取引法に基づく表記", "配送・返品について"),
    "he": ("פרטיות", "תנאי שימוש", "משלוחים והחזרות"),
}
SITE_NAMES = {
    "en": "Nordlicht Ceramics",
    "de": "Töpfereigenossenschaft Donaudampfschifffahrt",
    "es": "Cerámicas de la Sierra de Grazalema",
    "fr": "L’Atelier de poterie de Saint-Rémy-de-Provence",
    "he": "קרמיקה נורדליכט",
    "ja": "ノルトリヒト陶芸工房",
}


def page(lang: str = "en", *, theme: str = "plain", is_test: bool = False, name: str | None = None) -> Page:
    """A frame with everything in it."""
    checked = parse_theme(THEMES[theme])
    site = name or SITE_NAMES[lang]
    return Page(
        lang=lang,
        site=SiteView(site, checked.css(), checked.appearance, checked.logo_url, checked.logo_width, BACK_URL, is_test),
        nonce="bm9uY2U",
        csrf="c5rf",
        back=Back(site, BACK_URL),
        languages=tuple(LanguageLink(code, one.name, f"?lang={code}", code == lang) for code, one in LANGUAGES.items()),
        policies=tuple(Link(label, f"{BACK_URL}{n}") for n, label in enumerate(POLICIES[lang])),
        reference=REFERENCE,
    )


def _login(lang: str) -> dict[str, tuple[str, dict[str, object]]]:
    wrong = say(lang, "The email address or the password isn't right. Check both and try again.")
    login: dict[str, object] = {"action": "/x", "values": {}, "errors": [], "pages": {"sign_up": "/sign-up", "forgot": "/forgot"}}
    sign_up: dict[str, object] = {**login, "pages": {"login": "/login"}}
    errors = [
        {"field": "email", "message": say(lang, "Enter an email address like name@example.com.")},
        {"field": "password", "message": say(lang, "Use at least %(threshold)s characters.", threshold=8)},
    ]
    notice = notice_text(lang, Notice.NOT_LOGGED_IN, is_test=False)
    return {
        "login": ("login.html", login),
        "login_error": (
            "login.html",
            {**login, "values": {"email": "ann@example.com"}, "errors": [{"field": "password", "message": wrong}]},
        ),
        "login_own_page": ("login.html", {**login, "notice": notice, "own_login_page": {"url": "/outside"}}),
        **_codes(lang),
        "sign_up": ("sign_up.html", sign_up),
        "sign_up_error": ("sign_up.html", {**sign_up, "values": {"email": "ann@", "nickname": "Ann"}, "errors": errors}),
    }


def _codes(lang: str) -> dict[str, tuple[str, dict[str, object]]]:
    shown: dict[str, object] = {"action": "/x", "values": {}, "errors": [], "email": "ann@example.com", "notice": None}
    pages = {"login": "/login", "sign_up": "/sign-up", "forgot": "/forgot"}
    wrong = say(lang, "This code isn't right, or it is too old. Check the mail, or ask for a new code.")
    again = say(lang, "We have sent you a new code. It can take a minute to arrive.")
    paused = {"field": "", "message": pause_text(lang, 90)}
    named: dict[str, object] = {"action": "/x", "values": {}, "errors": [], "site": SITE_NAMES[lang]}
    return {
        "login_paused": ("login.html", {**shown, "values": {"email": "ann@example.com"}, "errors": [paused], "pages": pages}),
        "forgot": ("forgot.html", {**shown, "values": {"email": "ann@example.com"}, "pages": pages}),
        "reset": ("reset.html", {**shown, "pages": pages}),
        "reset_error": ("reset.html", {**shown, "errors": [{"field": "code", "message": wrong}], "pages": pages, "notice": again}),
        "verify_code": ("verify_code.html", {**shown, "confirmed": False, "pages": pages}),
        "verify_code_confirmed": ("verify_code.html", {**shown, "confirmed": True, "pages": pages}),
        "pending_approval": ("pending_approval.html", shown),
        "choose_password": ("choose_password.html", named),
        "confirm_address": ("confirm_address.html", named),
    }


def refused_verdict() -> Verdict:
    """The most common slip: with and without `www`."""
    client = make_client(domains=("nordlicht.example",))
    return judge(client, Mode.TEST, Rule.REDIRECT_DOMAIN, "https://www.nordlicht.example/thanks?order=4711")


def _ends(lang: str) -> dict[str, tuple[str, dict[str, object]]]:
    site = SITE_NAMES[lang]
    technical = {End.REFUSED_TARGET: refusal_facts(refused_verdict(), is_test=True)}
    pages: dict[str, tuple[str, dict[str, object]]] = {}
    for end in End:
        actions = [back_action(lang, site, BACK_URL)]
        if end is End.EXPIRED:
            actions = [start_again_action(lang, "/again"), back_action(lang, site, BACK_URL, primary=False)]
        elif end in (End.REFUSED_TARGET, End.INVALID_REDIRECT_URI, End.INVALID_CLIENT):
            actions = []
        view = end_view(
            end,
            lang,
            reference=REFERENCE,
            actions=actions,
            technical=technical.get(end, []),
            is_about_money=end is End.EXPIRED,
        )
        pages[f"end_{end.value}"] = ("error.html", view)
    return pages


def _payments(lang: str) -> dict[str, tuple[str, dict[str, object]]]:
    what = {
        "en": "Vase “Nordlicht” and 2 more",
        "de": "Töpferscheibenmittelpunktfindungskurs und 2 weitere",
        "es": "Jarrón decorativo «Sierra de Grazalema» y 2 más",
        "fr": "Vase Aurore boréale et 2 autres articles",
        "he": "אגרטל ״זוהר הצפון״ ועוד 2",
        "ja": "花瓶「北極光」ほか2点",
    }[lang]
    owed = {"description": what, "amount": Money.parse("184.90", "EUR").words(lang), "way_back": "/session/x/payment"}
    others = [{"choice": choice.value, "label": say(lang, label), "hint": say(lang, hint)} for choice, (label, hint) in OTHERS.items()]
    lines = ["IBAN DE02 1203 0000 0000 2020 51", "Nordlicht Ceramics, 4711"]
    return {
        "pay_test": ("pay_test.html", {**owed, "action": "/pay/x", "others": others}),
        "pay_later": ("pay_later.html", {**owed, "instructions": lines, "way_on": "/session/x/payment"}),
        "pay_away": ("pay_away.html", {**owed, "url": "https://checkout.example/c/pay"}),
        "pay_closed": ("pay_closed.html", {**owed, "again": "/pay/x", "reference": REFERENCE}),
        "hold": ("hold.html", {"onward": "/session/x/return"}),
        "pay_refused": ("pay_closed.html", {**owed, "again": None, "reference": REFERENCE}),
    }


BUSINESSES = [
    importlib.import_module(f"tests.web.samples_of.{file.stem}") for file in sorted(Path(__file__).with_name("samples_of").glob("[!_]*.py"))
]
"""The pages of each business: a file with `pages(lang)` in the folder `samples_of`."""


def business_pages(lang: str) -> Mapping[str, tuple[str, dict[str, object]]]:
    """The pages of every business, and those of paying: each is many forms away, so that browsers look at these samples of them."""
    return {**_payments(lang), **{name: page for module in BUSINESSES for name, page in module.pages(lang).items()}}


def pages(lang: str = "en") -> Mapping[str, tuple[str, dict[str, object]]]:
    """Name of the picture -> template and view."""
    return {
        **_login(lang),
        "logout_confirm": ("logout_confirm.html", {"action": "/x", "who": "ann@example.com", "stay_url": "/stay"}),
        "continue": ("continue.html", {"action": "/x", "host": "preview-42.nordlicht.example"}),
        "entry": ("entry.html", {"action": "/x", "fields": {}, "at_once": False}),
        "entry_carried_on": ("entry.html", {"action": "/x", "fields": {"state": "s"}, "at_once": True}),
        "form_post": ("form_post.html", {"action": "https://nordlicht.example/cb", "fields": {"code": "c0de", "state": "Qm9"}}),
        "done": ("done.html", {"sentences": []}),
        "logged_out": (
            "logged_out.html",
            {"back": {"url": BACK_URL, "label": SITE_NAMES[lang]}, "frames": ("https://shop.example/log-out",)},
        ),
        "signed_out": ("signed_out.html", {"login_url": "/login"}),
        **_ends(lang),
        **business_pages(lang),
    }


def bare_pages() -> Mapping[str, tuple[str, dict[str, object]]]:
    """Pages that nobody looks at."""
    message = {"code": "c0de", "state": "Qm9"}
    return {
        "web_message": ("web_message.html", {"target_origin": "https://nordlicht.example", "message": message}),
        "blank": ("blank.html", {}),
    }


def renderer() -> Renderer:
    """The renderer of the product."""
    return Renderer()
