"""Themes: always readable, never an injection (PAG-04), never a request to anybody (PAG-05)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundtrip.core.errors import AppError
from roundtrip.web.assets import FOLDER
from roundtrip.web.colour import Colour, at_lightness, contrast, lightness_of, mix, parse_colour
from roundtrip.web.palette import (
    DARK_GROUND,
    DARK_SURFACE,
    EDGE_CONTRAST,
    LIGHT_GROUND,
    LIGHT_SURFACE,
    TEXT_CONTRAST,
    Palette,
    dark_palette,
    light_palette,
)
from roundtrip.web.theme import FONTS, Appearance, Policy, Theme, parse_theme, stored_theme

OWN = "https://pages.example"
colours = st.builds(Colour, *[st.integers(0, 255)] * 3)
SAFE_CSS = re.compile(r"[A-Za-z0-9 #:;,{}()@=\[\]-]*")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
evil = st.sampled_from(
    [
        "red;}</style><script>alert(1)</script>",
        "url(https://evil.tld/x)",
        "#fff;background:url(//evil.tld)",
        "expression(alert(1))",
        "Arial;}body{display:none",
        "Arial, url(x)",
        "x\\65 xpression",
        "javascript:alert(1)",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "https://a@evil.tld/x.png",
        "//evil.tld/logo.png",
        "/\\evil.tld/logo.png",
        "/\t/evil.tld/x",
        "#ffffff\n",
    ]
)


def theme_text(**fields: object) -> str:
    return json.dumps(fields)


@settings(max_examples=300)
@given(colours)
def test_every_brand_colour_gives_readable_words(brand: Colour) -> None:
    for palette, grounds in (
        (light_palette(brand), (LIGHT_SURFACE, LIGHT_GROUND)),
        (dark_palette(brand), (DARK_SURFACE, DARK_GROUND)),
    ):
        assert contrast(palette.brand, palette.on_brand) >= TEXT_CONTRAST
        assert contrast(palette.brand_hover, palette.on_brand) >= TEXT_CONTRAST
        assert contrast(palette.brand_edge, grounds[0]) >= EDGE_CONTRAST
        assert all(contrast(palette.link, ground) >= TEXT_CONTRAST for ground in grounds)


@pytest.mark.parametrize(
    ("brand", "palette"),
    [
        ("#1b2a6b", "white words on the very colour"),
        ("#16a34a", "white words on a darker one"),
        ("#ffe000", "dark words on the very colour"),
    ],
)
def test_an_owner_recognises_their_colour(brand: str, palette: str) -> None:
    """A colour is moved no further than its words need, and keeps its hue."""
    given_colour = parse_colour(brand)
    assert given_colour is not None
    made: Palette = light_palette(given_colour)
    assert (made.on_brand == Colour(255, 255, 255)) is palette.startswith("white")
    assert (made.brand == given_colour) is palette.endswith("very colour")
    assert abs(lightness_of(made.brand) - lightness_of(given_colour)) < 0.2


@given(colours, st.floats(0, 1))
def test_moving_the_lightness_always_gives_a_colour_of_the_screen(colour: Colour, lightness: float) -> None:
    moved = at_lightness(colour, lightness)
    assert parse_colour(str(moved)) == moved
    assert abs(lightness_of(moved) - lightness) < 0.08  # a step of 8 bits is large near black


def test_contrast_is_what_the_standard_says() -> None:
    """WCAG 2.2: black on white is 21, a colour on itself is 1."""
    black, white = Colour(0, 0, 0), Colour(255, 255, 255)
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(white, white) == 1
    assert contrast(Colour(0x77, 0x77, 0x77), white) == pytest.approx(4.48, abs=0.01)
    assert mix(black, white, 0.5) == Colour(128, 128, 128)


@pytest.mark.parametrize("text", ["red", "#12", "#1234", "#12345g", "rgb(1,2,3)", "", "#fff ", " #fff", "#fff;", "#١٢٣"])
def test_only_hex_colours_are_colours(text: str) -> None:
    assert parse_colour(text) is None


@given(st.dictionaries(st.sampled_from(["brandColor", "fontFamily", "cornerRadius", "appearance", "logoUrl"]), evil | anything))
def test_no_theme_puts_anything_else_into_the_stylesheet(fields: dict[str, object]) -> None:
    """PAG-04: what is printed consists of hex colours, pixels and plain words."""
    css = stored_theme(json.dumps(fields), OWN).css()
    assert SAFE_CSS.fullmatch(css)
    assert "url" not in css
    assert "import" not in css


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_a_broken_stored_theme_still_shows_a_page(text: str) -> None:
    assert isinstance(stored_theme(text), Theme)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("brandColor", "tomato"),
        ("brandColor", 7),
        ("cornerRadius", 25),
        ("cornerRadius", -1),
        ("cornerRadius", True),
        ("cornerRadius", "8px"),
        ("fontFamily", "Comic; Sans"),
        ("fontFamily", "inherit"),
        ("fontFamily", "a, b, c, d, e, f, g"),
        ("fontFamily", ""),
        ("appearance", "sepia"),
        ("appearance", ["light"]),
        ("logoUrl", "http://cdn.example/logo.png"),
        ("logoUrl", "data:image/png;base64,AAAA"),
        ("logoUrl", "javascript:alert(1)"),
        ("logoUrl", "//evil.tld/logo.png"),
        ("logoUrl", "/\\evil.tld/logo.png"),
        ("logoUrl", "https://user@evil.tld/logo.png"),
        ("logoUrl", 5),
        ("logoWidth", 100),
        ("policies", "no"),
        ("policies", [{"label": "x", "url": "https://x.example/"}] * 9),
    ],
)
def test_a_field_that_is_not_fine_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(AppError) as caught:
        parse_theme(theme_text(**{field: value}), OWN)
    assert [violation.field for violation in caught.value.violations] == [field]


def test_an_owner_hears_of_everything_at_once() -> None:
    with pytest.raises(AppError) as caught:
        parse_theme(theme_text(brandColor="x", cornerRadius=99, policies=[{"label": "", "url": "x"}, {"label": "A", "url": "x"}]))
    assert [violation.field for violation in caught.value.violations] == [
        "brandColor",
        "cornerRadius",
        "policies[0].label",
        "policies[1].url",
    ]


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '"x"'])
def test_a_theme_is_a_json_object(text: str) -> None:
    if text:
        with pytest.raises(AppError):
            parse_theme(text)
    else:
        assert parse_theme(text) == Theme()


def test_a_whole_theme_is_taken() -> None:
    theme = parse_theme(
        theme_text(
            brandColor="#F60",
            logoUrl="https://CDN.example/a%20b.png",
            logoWidth=400,
            logoHeight=100,
            fontFamily="Source Sans, Arial",
            cornerRadius=0,
            appearance="light",
            policies=[{"label": " Terms ", "url": "https://shop.example/terms"}],
            unknown=1,
        )
    )
    assert theme == Theme(
        brand=Colour(255, 0x66, 0),
        logo_url="https://cdn.example/a%20b.png",
        logo_width=160,
        font="Source Sans, Arial, system-ui, sans-serif",
        radius=0,
        appearance=Appearance.LIGHT,
        policies=(Policy("Terms", "https://shop.example/terms"),),
    )
    assert theme.logo_origin == "https://cdn.example"
    assert "--radius:0px;" in theme.css()
    assert "prefers-color-scheme" not in theme.css()


def test_a_logo_of_our_own_host_is_a_path_and_needs_no_other_origin() -> None:
    for url in ("/media/logo.png", OWN + "/media/logo.png"):
        theme = parse_theme(theme_text(logoUrl=url), OWN)
        assert theme.logo_url == "/media/logo.png"
        assert theme.logo_origin is None
    assert parse_theme(theme_text(logoUrl="http://127.0.0.1:8000/l.png"), "http://127.0.0.1:8000").logo_url == "/l.png"


def test_an_own_path_cannot_become_another_host() -> None:
    assert parse_theme(theme_text(logoUrl="/.//evil.tld/x.png"), OWN).logo_url == "/evil.tld/x.png"


def test_named_fonts_are_on_devices_already() -> None:
    for name, stack in FONTS.items():
        assert parse_theme(theme_text(fontFamily=name.upper())).font == stack
        assert SAFE_CSS.fullmatch(stack)


def test_a_dark_site_gets_only_the_dark_palette() -> None:
    css = parse_theme(theme_text(brandColor="#1b2a6b", appearance="dark")).css()
    assert css.count("--brand:") == 1
    assert "data-appearance=dark" in css


def test_the_default_theme_needs_no_rules_of_its_own() -> None:
    assert parse_theme("{}").css() == ""


def _stylesheet() -> str:
    return (Path(FOLDER) / "roundtrip.css").read_text(encoding="utf-8")


def _blocks(css: str) -> list[dict[str, str]]:
    """The three blocks of properties: light, dark by device, dark by the owner."""
    found = re.findall(r":root(?:\[data-appearance=\w+\])? \{\n([^}]*--brand:[^}]*)\}", css)
    return [dict(re.findall(r"(--[\w-]+): ([^;]+);", block)) for block in found]


def test_the_grounds_that_contrast_is_checked_on_are_those_of_the_stylesheet() -> None:
    light, dark, dark_by_owner = _blocks(_stylesheet())
    assert dark == dark_by_owner
    assert (light["--bg"], light["--surface"]) == (str(LIGHT_GROUND), "#fff")
    assert (dark["--bg"], dark["--surface"]) == (str(DARK_GROUND), str(DARK_SURFACE))


def test_the_default_colours_are_readable_too() -> None:
    for block in _blocks(_stylesheet())[:2]:
        colour = {name: parse_colour(value) for name, value in block.items() if value.startswith("#")}
        pairs = [("--text", "--bg"), ("--text", "--surface"), ("--muted", "--bg"), ("--muted", "--surface"), ("--muted", "--sunken")]
        pairs += [("--muted", "--tint"), ("--link", "--surface"), ("--link", "--sunken"), ("--on-brand", "--brand")]
        pairs += [("--on-brand", "--brand-hover"), ("--bad", "--surface"), ("--bad", "--bad-tint"), ("--text", "--bad-tint")]
        pairs += [("--good", "--good-tint"), ("--on-test", "--test")]
        for words, ground in pairs:
            first, second = colour[words], colour[ground]
            assert first is not None
            assert second is not None
            assert contrast(first, second) >= TEXT_CONTRAST, (words, ground)
        edge, surface = colour["--edge"], colour["--surface"]
        assert edge is not None
        assert surface is not None
        assert contrast(edge, surface) >= EDGE_CONTRAST
