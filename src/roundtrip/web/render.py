"""Turns a template, a page and a view into HTML. What a page shows is decided by its flow; which headers it gets, by the caller.

A template sees `page` (the frame, the same for every page), `view` (what this page is about, documented at the top of each template) and
the macro `icon`. Output is escaped always; a name that is missing from the view is an error, not an empty string.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup, escape

from roundtrip.core.money import Money
from roundtrip.text import qr
from roundtrip.text.catalogue import direction, say, translations
from roundtrip.text.rich import cleaned
from roundtrip.text.territories import countries, country_name
from roundtrip.web.assets import Assets

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead. The address is ours or was validated before it was stored."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Back:
    """The way back to the caller's site: the page says "Back to" and this name. Made by `return_url` only."""

    to: str
    url: str


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One entry of the language menu; `name` is the language's own name, `url` this same page in it."""

    code: str
    name: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class SiteView:
    """How a site presents itself. `theme_css`, `appearance`, `logo_url` and `logo_width` come from a validated `theme.Theme`.

    `home_url` is where the logo leads; None leaves it without a link.
    """

    name: str
    theme_css: str = ""
    appearance: str = "auto"
    logo_url: str | None = None
    logo_width: int = 40
    home_url: str | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The frame around every hosted page.

    `nonce` is the one of the answer's Content-Security-Policy; `csrf` the token that each form posts as `csrf`; `reference` the
    request id that support asks for. `back` is None when leaving is not allowed or the page itself says where to go.
    """

    lang: str
    site: SiteView
    nonce: str
    csrf: str = ""
    back: Back | None = None
    languages: tuple[LanguageLink, ...] = ()
    policies: tuple[Link, ...] = ()
    reference: str = ""

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for the `dir` attribute."""
        return direction(self.lang)


def template_folders() -> tuple[Path, ...]:
    """Where templates live: the frame and the ends here, each step's template beside the step. Names are unique over all folders."""
    return (PACKAGE / "web" / "templates", *sorted((PACKAGE / "flows").glob("*/templates")))


@jinja2.pass_context
def _gettext(context: Context, text: str, **values: object) -> Markup:
    """`gettext` as Jinja's new style has it, without filling in and escaping where there is nothing to fill in: most words of a page."""
    words = translations(context["page"].lang).gettext(text)
    if not values:
        return Markup(words.replace("%%", "%"))  # noqa: S704 - our own words
    return Markup(words) % values  # noqa: S704 - our own words; the values are escaped


@jinja2.pass_context
def _ngettext(context: Context, one: str, many: str, n: int) -> str:
    return translations(context["page"].lang).ngettext(one, many, n)


@jinja2.pass_context
def money(context: Context, amount: Money | str) -> str:
    """An amount as readers of the page's language write it; a finished text stays as it is."""
    return amount if isinstance(amount, str) else amount.words(context["page"].lang)


@jinja2.pass_context
def _countries(context: Context, only: Collection[str] | None = None) -> list[tuple[str, str]]:
    return [one for one in countries(context["page"].lang) if only is None or one[0] in only]


@jinja2.pass_context
def said(context: Context, text: str) -> str:
    """One of our own sentences that came in a view, in the page's language."""
    return say(context["page"].lang, text)


@jinja2.pass_context
def country(context: Context, code: str) -> str:
    """What readers of the page's language call a country (ISO 3166-1)."""
    return country_name(context["page"].lang, code)


_JS_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "\\'\"<>&\u2028\u2029\u007f"} | {n: f"\\u{n:04x}" for n in range(32)}


def js_text(value: str) -> Markup:
    """The inside of a single-quoted JavaScript string that stands in an HTML script element (AUT-07, PAG-04).

    Only characters that could end the string, the line or the element are escaped, so that codes and states stay readable to clients
    that search the source instead of running it.
    """
    return Markup(value.translate(_JS_ESCAPES))  # noqa: S704 - escaped one line above, by context


def square_code(text: str) -> Markup:
    """A square code that says the text. Whoever can't see it needs the text beside it, or a label around it."""
    return Markup(qr.svg(text))  # noqa: S704 - a drawing: the text is only in its dots


def in_text(value: str) -> Markup:
    """Escaped for the space between two tags, where an apostrophe is harmless: sentences stay findable in the source."""
    return Markup(str(escape(value)).replace("&#39;", "'"))  # noqa: S704 - escaped in the same line


class Renderer:
    """Compiles each template once and renders it for any language. Safe to share between threads: it keeps nothing of a request."""

    def __init__(self, assets: Assets | None = None, first: Sequence[Path] = ()) -> None:
        """`first` are folders searched before the built-in ones: an operator's own templates."""
        self.assets = assets or Assets.load()
        self.template_folders = (*first, *template_folders())
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self.template_folders),
            autoescape=True,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
        )
        # The callables look the language up in the context, so one compiled template serves every language.
        self._environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
        self._environment.globals["_"] = self._environment.globals["gettext"] = _gettext
        self._environment.filters["js_text"] = js_text
        self._environment.filters["in_text"] = in_text
        self._environment.filters["square_code"] = square_code
        self._environment.filters["money"] = money
        self._environment.filters["country"] = country
        self._environment.filters["said"] = said
        self._environment.filters["rich"] = cleaned
        self._environment.globals["countries"] = _countries
        self._environment.globals["asset"] = self.assets.url
        # Every page has icons, and they are the same everywhere: each is drawn once.
        self._environment.globals["icon"] = cache(self._environment.get_template("components/icon.html").module.icon)  # type: ignore[attr-defined]

    def render(self, template: str, page: Page, view: Mapping[str, object]) -> str:
        """HTML of one page. Raises `jinja2.UndefinedError` when the view lacks what the template documents."""
        return self._environment.get_template(template).render(page=page, view=view)

    def template_names(self) -> Sequence[str]:
        """Every template there is, for the tests that walk all of them."""
        return self._environment.list_templates(extensions=["html"])
