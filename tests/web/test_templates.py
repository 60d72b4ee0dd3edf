"""Every hosted page, as source: complete, translated, escaped, light, and nothing that a screen reader would stumble over (PAG-*)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import jinja2
import pytest

from roundtrip.core.errors import Violation
from roundtrip.text.catalogue import LANGUAGES, direction
from roundtrip.web.assets import Assets
from roundtrip.web.end_texts import END_TEXTS, End, end_view, refusal_facts
from roundtrip.web.field_texts import field_text
from roundtrip.web.render import Back, Page, Renderer, SiteView, js_text
from tests.web import samples
from tests.web.page_reader import Element, read_page

CSS_BUDGET, SCRIPT_BUDGET, PAGE_BUDGET = 12_000, 8_000, 15_000
RENDERER = samples.renderer()
NAMES = sorted(samples.pages())
LANGUAGE_CODES = sorted(LANGUAGES)
EVIL = "\"'><script>alert(1)</script>{{ 7*7 }}&amp;%(x)s"


def rendered(name: str, lang: str = "en", page: Page | None = None, **changes: object) -> str:
    template, view = samples.pages(lang)[name]
    return RENDERER.render(template, page or samples.page(lang), {**view, **changes})


def page_of(name: str, lang: str = "en", page: Page | None = None, **changes: object) -> Element:
    return read_page(rendered(name, lang, page, **changes))


def only(element: Element, tag: str) -> Element:
    found = element.all(tag)
    assert len(found) == 1, f"{len(found)} x <{tag}>"
    return found[0]


every_page = pytest.mark.parametrize("name", NAMES)
every_language = pytest.mark.parametrize("lang", LANGUAGE_CODES)


@every_page
@every_language
def test_the_frame_is_complete(name: str, lang: str) -> None:
    """PAG-06, PAG-07: language, direction, one heading, landmarks, a way past the header, all in the container that clients look for."""
    document = page_of(name, lang)
    html = only(document, "html")
    assert (html.get("lang"), html.get("dir")) == (lang, direction(lang))
    container = document.with_id("SITE_CONTAINER")
    assert container is not None
    assert container.parent is only(document, "body")
    assert len(only(document, "body").children) == 1
    for tag in ("header", "main", "footer", "h1"):
        assert container in only(document, tag).ancestors()
    assert only(document, "main").get("id") == "main"
    assert any(link.get("href") == "#main" for link in document.all("a"))
    assert only(document, "h1").words.strip()
    assert only(document, "title").words.count("·") == 1


@every_page
def test_every_page_says_the_way_back_in_words(name: str) -> None:
    links = {link.words.strip(): link.get("href") for link in page_of(name).all("a")}
    assert links[f"Back to {samples.SITE_NAMES['en']}"] == samples.BACK_URL


@every_page
@every_language
def test_ids_are_unique_and_references_lead_somewhere(name: str, lang: str) -> None:
    document = page_of(name, lang)
    ids = [str(element.get("id")) for element in document.walk() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in document.walk():
        for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
            for reference in (element.get(attribute) or "").split():
                assert reference in ids, (attribute, reference)
        href = element.get("href") or ""
        if href.startswith("#"):
            assert href[1:] in ids


@every_page
def test_every_field_can_be_filled_by_browser_phone_and_ear(name: str) -> None:
    document = page_of(name)
    labelled = {label.get("for") for label in document.all("label")}
    for field in document.all("input"):
        if field.get("type") in ("hidden", "radio"):
            continue  # a radio button stands inside its label, and nobody types into it
        assert field.get("id") in labelled
        if field.get("type") == "checkbox":
            continue  # nobody types into it
        assert field.get("autocomplete")
        assert field.get("enterkeyhint")
    for form in document.all("form"):
        assert form.get("method") == "post"
        buttons = [button for button in form.all("button") if button.get("type") == "submit"]
        # Several that have one name are one decision: which of them (a service, a day, a time).
        assert len(buttons) == 1 or len({button.get("name") for button in buttons} - {None}) == 1, "one decision a page"


@every_page
def test_every_button_and_link_has_a_name(name: str) -> None:
    for element in page_of(name).all("a", "button", "summary"):
        assert element.words.strip() or element.get("aria-label")
    for picture in page_of(name).all("svg"):
        assert picture.get("aria-hidden") == "true"


@every_page
def test_nothing_needs_more_than_the_content_security_policy_allows(name: str) -> None:
    """PAG-01: no style attributes, no inline handlers, a nonce on every script and style."""
    for element in page_of(name, page=samples.page(theme="orange")).walk():
        assert "style" not in element.attributes
        assert not [attribute for attribute in element.attributes if attribute.startswith("on")]
        assert not (element.get("href") or "").lower().startswith(("javascript:", "data:"))
        if element.tag in ("script", "style"):
            assert element.get("nonce") == samples.page().nonce


def loads(document: Element) -> list[str]:
    """Addresses that a browser fetches by itself."""
    found = [str(element.get("src")) for element in document.walk() if "src" in element.attributes]
    return found + [str(link.get("href")) for link in document.all("link")]


@every_page
def test_a_page_asks_nobody_but_our_own_host(name: str) -> None:
    """PAG-05. Except the site's own logout pages, which are what that page is for."""
    frames = samples.pages()[name][1].get("frames", ())
    assert isinstance(frames, tuple)
    loaded = [url for url in loads(page_of(name, page=samples.page(theme="navy"))) if url not in frames]
    assert all(re.fullmatch(r"/(static/[0-9a-f]{16}/[\w.]+|logo\.svg|media/sample)", url) for url in loaded)


@every_page
def test_texts_cannot_inject(name: str) -> None:
    """PAG-04: names, addresses and every text of a view."""
    site = SiteView(EVIL, logo_url=EVIL, home_url=EVIL, is_test=True)
    page = replace(samples.page(), site=site, back=Back(EVIL, EVIL), csrf=EVIL, reference=EVIL, nonce=EVIL)
    template, view = samples.pages()[name]
    html = re.sub(r"/static/[^/]+/", "/static/version/", RENDERER.render(template, page, poisoned(view)))
    document = read_page(html)
    assert "<script>" not in html
    assert "49" not in re.sub(r"/static/[0-9a-f]{16}/", "", html)
    assert len(document.all("script")) == 1
    assert EVIL in only(document, "header").words


def poisoned(view: Mapping[str, object]) -> dict[str, object]:
    """The view with every text replaced, except names that the template itself uses."""

    def poison(value: object, key: object = None) -> object:
        if key in ("field", "kind", "icon"):
            return value
        if isinstance(value, str):
            return EVIL
        if isinstance(value, Mapping):
            return {inner: poison(part, inner) for inner, part in value.items()}
        if isinstance(value, list):
            return [poison(part) for part in value]
        return tuple(poison(part) for part in value) if type(value) is tuple else value

    return {key: poison(value, key) for key, value in view.items()}


@every_page
@every_language
def test_pages_are_light(name: str, lang: str) -> None:
    assert len(rendered(name, lang).encode()) < PAGE_BUDGET


def test_styles_and_scripts_are_light() -> None:
    files = RENDERER.assets.files
    assert len(files["roundtrip.css"].gzipped) < CSS_BUDGET
    assert sum(len(file.gzipped) for file in files.values() if file.name.endswith(".js")) < SCRIPT_BUDGET


def test_the_stylesheet_works_in_both_directions_and_loads_nothing() -> None:
    """PAG-05, PAG-06: logical properties only, no address of any kind."""
    css = RENDERER.assets.files["roundtrip.css"].body.decode()
    physical = (
        r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?<![\w-])(?:left|right|top|bottom)\s*:|text-align:\s*(?:left|right)|float:"
    )
    assert not re.search(physical, css)
    assert not re.search(r"url\(|@import|@font-face|https?:", css)
    assert re.search(r"prefers-reduced-motion", css)
    assert re.search(r"@media print", css)


def test_a_picture_has_its_size_set() -> None:
    document = page_of("login", page=samples.page(theme="navy"))
    logo = only(document, "img")
    assert (logo.get("width"), logo.get("height"), logo.get("alt")) == ("120", "40", "")


def test_log_in_fields_are_known_to_password_stores() -> None:
    fields = {field.get("name"): field for field in page_of("login_error").all("input")}
    assert fields["email"].get("autocomplete") == "username"
    assert fields["email"].get("inputmode") == "email"
    assert fields["email"].get("value") == "ann@example.com"
    assert fields["password"].get("autocomplete") == "current-password"
    assert fields["csrf"].get("value") == "c5rf"
    assert {field.get("name"): field for field in page_of("sign_up").all("input")}["password"].get("autocomplete") == "new-password"


def test_a_password_is_never_shown_again() -> None:
    html = rendered("login_error", values={"email": "a@b.example", "password": "hunter2hunter2"})
    assert "hunter2" not in html


def test_errors_are_said_at_the_top_at_the_field_and_in_the_title() -> None:
    document = page_of("sign_up_error")
    summary = document.with_id("error-summary")
    assert summary is not None
    assert "autofocus" in summary.attributes
    assert summary.get("tabindex") == "-1"
    assert [link.get("href") for link in summary.all("a")] == ["#email", "#password"]
    assert only(document, "title").words.startswith("Error:")
    password = document.with_id("password")
    assert password is not None
    assert password.get("aria-invalid") == "true"
    assert password.get("aria-describedby") == "password-hint password-error"
    said = document.with_id("password-error")
    assert said is not None
    assert said.words.strip() == "Use at least 8 characters."


def test_an_error_of_the_whole_form_is_said_without_a_link() -> None:
    document = page_of("login", errors=[{"field": "", "message": "Not now."}])
    summary = document.with_id("error-summary")
    assert summary is not None
    assert "Not now." in summary.words
    assert summary.all("a") == []


def test_hints_stand_before_the_field() -> None:
    html = rendered("sign_up")
    assert html.index("At least 8 characters") < html.index('id="password"')


def test_a_step_may_leave_out_what_it_does_not_need() -> None:
    """A page is shown, whatever optional part of its view is missing."""
    for template, view in (
        ("login.html", {"action": "/x"}),
        ("sign_up.html", {"action": "/x"}),
        ("logout_confirm.html", {"action": "/x"}),
        ("done.html", {"sentences": []}),
        ("signed_out.html", {}),
    ):
        read_page(RENDERER.render(template, Page("en", SiteView("Shop"), "n"), view))


def test_a_required_part_that_is_missing_is_noticed() -> None:
    with pytest.raises(jinja2.UndefinedError):
        RENDERER.render("login.html", samples.page(), {})


def test_test_mode_is_said_on_every_page() -> None:
    assert "Test mode" in rendered("login", page=samples.page(is_test=True))
    assert "Test mode" not in rendered("login")


def test_the_language_menu_is_made_of_links() -> None:
    menu = [link for link in page_of("login").all("a") if link.get("hreflang")]
    assert [(link.get("lang"), link.get("href")) for link in menu] == [(code, f"?lang={code}") for code in LANGUAGES]
    assert [link.get("lang") for link in menu if link.get("aria-current")] == ["en"]


@every_language
@pytest.mark.parametrize("end", list(End))
def test_every_end_has_words_in_every_language(end: End, lang: str) -> None:
    view = end_view(end, lang, reference="r", is_about_money=True)
    english = end_view(end, "en", reference="r", is_about_money=True)
    assert view["heading"]
    sentences = view["sentences"]
    assert isinstance(sentences, list)
    assert len(sentences) == len(END_TEXTS[end].sentences) + 1
    if lang != "en":
        assert view["heading"] != english["heading"]


def test_ends_say_what_clients_look_for() -> None:
    """RED-09: the words of the original service."""
    assert "isn't listed as an allowed redirect domain" in rendered("end_refused_target")
    assert "Invalid redirect URI" in only(page_of("end_invalid_redirect_uri"), "h1").words


def test_an_end_shows_its_reference_and_at_most_one_main_button() -> None:
    """PAG-09."""
    for end in End:
        document = page_of(f"end_{end.value}")
        assert samples.REFERENCE in only(document, "main").words
        buttons = [link.get("class") for link in document.all("a") if "button" in (link.get("class") or "")]
        assert buttons.count("button") <= 1


def test_the_differing_part_of_a_refused_address_is_marked() -> None:
    """RED-19."""
    assert only(page_of("end_refused_target"), "mark").words == "www.nordlicht.example"


def test_an_answer_by_message_is_read_by_browsers_and_by_programs() -> None:
    """AUT-07."""
    html = RENDERER.render(*bare("web_message", {"code": "c0de-_.~", "state": "Qm9"}))
    assert re.findall(r"'(code|state|error)': '([^']*)'", html) == [("code", "c0de-_.~"), ("state", "Qm9")]
    assert "'error'" not in html
    assert "(window.opener || window.parent).postMessage({'code'" in html
    assert "'https://nordlicht.example');" in html
    assert "*" not in html
    refused = RENDERER.render(*bare("web_message", {"error": "login_required", "error_description": "No login", "state": "s"}))
    assert re.findall(r"'(code|error|state)': '([^']*)'", refused) == [("error", "login_required"), ("state", "s")]


def bare(name: str, message: Mapping[str, str]) -> tuple[str, Page, dict[str, object]]:
    template, view = samples.bare_pages()[name]
    return template, samples.page(), {**view, "message": message}


@pytest.mark.parametrize("evil", ["'});alert(1)//", "</script><script>alert(1)</script>", "\\", "\u2028\u2029\n\r\0", "<!--", "&#39;", '"'])
def test_a_message_cannot_leave_its_string(evil: str) -> None:
    """PAG-04, AUT-07."""
    html = RENDERER.render(*bare("web_message", {"state": evil}))
    inside = js_text(evil)
    assert f"'state': '{inside}'" in html
    assert not re.search(r"['\"<>&\n\r\u2028\u2029]|\\(?!u[0-9a-f]{4})", inside)
    assert re.sub(r"\\u([0-9a-f]{4})", lambda hit: chr(int(hit[1], 16)), inside) == evil
    read_page(html)


def test_the_pre_warm_page_is_empty() -> None:
    template, view = samples.bare_pages()["blank"]
    html = RENDERER.render(template, samples.page(), view)
    document = read_page(html)
    container = document.with_id("SITE_CONTAINER")
    assert container is not None
    assert container.words == ""
    assert loads(document) == []
    assert document.all("script", "style") == []


def test_templates_are_named_once() -> None:
    """Flows' templates share one name space."""
    names = [name for folder in Renderer().template_folders for name in sorted(p.name for p in folder.glob("*.html"))]
    assert len(names) == len(set(names))


def test_every_template_has_a_sample() -> None:
    """A new page joins all the tests above."""
    shown = {template for template, _view in [*samples.pages().values(), *samples.bare_pages().values()]}
    sources = [path.read_text(encoding="utf-8") for folder in Renderer().template_folders for path in folder.glob("*.html")]
    frames = {name for source in sources for name in re.findall(r"{% extends \"([^\"]+)\" %}", source)}
    assert {name for name in Renderer().template_names() if "/" not in name} - frames <= shown


def test_an_asset_is_addressed_by_what_is_in_it() -> None:
    assets = Assets.load()
    address = assets.url("roundtrip.css")
    assert address == f"/static/{assets.version}/roundtrip.css"
    assert assets.find("../render.py") is None
    assert Assets.load() == assets
    with pytest.raises(KeyError):
        assets.url("missing.css")


@pytest.mark.parametrize(
    ("violation", "lang", "text"),
    [
        (Violation("password", "must have at least 8 characters", "MIN_LENGTH", {"threshold": 8}), "en", "Use at least 8 characters."),
        (Violation("loginId.email", "is odd", "FORMAT", {"type": "EMAIL"}), "en", "Enter an email address like name@example.com."),
        (Violation("email", "Enter your email address."), "de", "Geben Sie Ihre E-Mail-Adresse ein."),
        (Violation("nickname", "100% odd %(x)s", "MAX_LENGTH", {}), "en", "Please check this field."),
    ],
)
def test_a_violation_is_said_in_the_visitors_words(violation: Violation, lang: str, text: str) -> None:
    assert field_text(lang, violation) == text


def test_the_public_sees_only_the_host_of_a_refused_address() -> None:
    """RED-19."""
    verdict = samples.refused_verdict()
    assert refusal_facts(verdict, is_test=False) == [("Received host", "www.nordlicht.example")]
    assert [term for term, _value in refusal_facts(verdict, is_test=True)] == ["Received", "Closest entry", "Difference", "What to do"]
