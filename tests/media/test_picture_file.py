"""Files that people send: pictures come out upright and bare, everything else is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from roundtrip.core.errors import AppError
from roundtrip.media.model import MOST_BYTES, MOST_SIDE, Cleaned, picture_id, tidy_filename
from roundtrip.media.picture_file import clean
from tests.media import photos
from tests.media.photos import BLUE, RED, file_of, near, opened, photo


def refused(content: bytes) -> AppError:
    with pytest.raises(AppError) as caught:
        clean(content)
    return caught.value


@pytest.mark.parametrize(
    ("form", "content_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/png")]
)
def test_what_people_have_is_accepted(form: str, content_type: str) -> None:
    cleaned = clean(photo(form=form))
    assert (cleaned.content_type, cleaned.width, cleaned.height) == (content_type, 400, 300)
    assert Image.MIME[opened(cleaned.content).format or ""] == content_type
    assert near(opened(cleaned.content), 0.2, 0.5, RED)


def test_a_photo_taken_upright_is_shown_upright_and_tells_nothing_about_its_maker() -> None:
    """OPS-07: place, device and comment of a photo are nobody's business."""
    given_file = photos.sideways()
    cleaned = clean(given_file)
    assert (cleaned.width, cleaned.height) == (300, 400)
    image = opened(cleaned.content)
    assert near(image, 0.5, 0.2, RED)
    assert near(image, 0.5, 0.8, BLUE)
    assert not image.getexif()
    assert b"garden" in given_file
    assert b"phone" in given_file
    for word in (b"garden", b"phone", b"Exif"):
        assert word not in cleaned.content


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_what_can_be_seen_through_stays_so(form: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((200, 20, 20, 255), (0, 0, 20, 40))
    cleaned = opened(clean(file_of(image, form)).content).convert("RGBA")
    assert cleaned.getpixel((30, 20)) == (0, 0, 0, 0) or cleaned.getpixel((30, 20))[3] == 0  # type: ignore[index]
    assert cleaned.getpixel((5, 20))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_colours_is_understood(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    cleaned = clean(file_of(Image.new(mode, (30, 20)), form))
    assert opened(cleaned.content).size == (30, 20)


def test_sixteen_bits_become_eight_without_turning_white() -> None:
    grey = Image.new("I;16", (20, 20), 32_768)
    assert near(opened(clean(file_of(grey, "PNG")).content), 0.5, 0.5, (128, 128, 128))


def test_a_broken_or_foreign_colour_profile_does_no_harm() -> None:
    for profile in (b"no profile", b"\0" * 4000):
        assert near(opened(clean(photo(icc_profile=profile)).content), 0.2, 0.5, RED)
    assert clean(photos.wide_gamut()).width == 400


def test_a_moving_picture_stands_still() -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in (RED, BLUE)]
    for form in ("GIF", "WEBP", "PNG"):
        cleaned = clean(file_of(frames[0], form, save_all=True, append_images=frames[1:]))
        image = opened(cleaned.content)
        assert getattr(image, "n_frames", 1) == 1
        assert near(image, 0.5, 0.5, RED)


def test_a_very_long_picture_is_made_shorter() -> None:
    cleaned = clean(photo(12_000, 24, "PNG"))
    assert (cleaned.width, cleaned.height) == (MOST_SIDE, 10)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        photos.SVG,
        b"<?xml version='1.0'?>" + photos.SVG,
        photos.HTML,
        b"GIF89a" + photos.HTML,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"\0" * 2000,
        photo()[:-3000],
        photo(form="PNG")[:-40],
        photo(form="WEBP")[:60],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        file_of(Image.new("RGB", (9, 9)), "BMP"),
        file_of(Image.new("RGB", (9, 9)), "TIFF"),
        file_of(Image.new("RGB", (9, 9)), "ICO"),
        b"%PDF-1.7",
        b"PK\x03\x04" + b"\0" * 100,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_picture_is_refused_in_words(content: bytes) -> None:
    """OPS-07: no active content, no decoder that nobody needs."""
    error = refused(content)
    assert error.code == "NOT_A_PICTURE"
    assert "JPEG, PNG, WebP or GIF" in error.description


def test_a_small_file_that_would_fill_the_memory_is_refused_before_it_is_unpacked() -> None:
    for width, height in ((60_000, 60_000), (7_000, 7_000), (2_000_000_000, 1)):
        assert refused(photos.bomb(width, height)).code in ("PICTURE_TOO_LARGE", "NOT_A_PICTURE")
    assert refused(photos.bomb(7_000, 7_000)).code == "PICTURE_TOO_LARGE"


def test_too_many_bytes_are_refused() -> None:
    assert refused(photo() + b"\0" * MOST_BYTES).code == "PICTURE_TOO_LARGE"


def test_a_script_that_hides_behind_a_picture_is_left_behind() -> None:
    for form in ("JPEG", "PNG", "WEBP", "GIF"):
        cleaned = clean(photo(form=form) + photos.HTML)
        assert b"alert" not in cleaned.content
        assert b"<" not in cleaned.content[:12]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12))
def test_damaged_files_never_break_anything(form: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(photo(24, 18, form))
    for place, value in changes:
        content[place % len(content)] = value
    found: Cleaned | str
    try:
        found = clean(bytes(content))
    except AppError as error:
        found = error.code
    if isinstance(found, str):
        assert found in ("NOT_A_PICTURE", "PICTURE_TOO_LARGE")
    else:
        assert max(opened(found.content).size) <= MOST_SIDE


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("mug.png", "mug.jpg"),
        ("C:\\Pictures\\mug.JPEG", "mug.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("", "picture.jpg"),
        ("...", "picture.jpg"),
        ("Töpfe & Tassen.final.png", "Töpfe & Tassen.final.jpg"),
        ("a\u202egnp.exe", "a gnp.jpg"),
        ('x"\r\ny.png', "x y.jpg"),
        ("\ud800.png", "picture.jpg"),
        ("n" * 500, "n" * 116 + ".jpg"),
    ],
)
def test_a_file_name_is_one_harmless_line_with_the_right_ending(given_name: str, kept: str) -> None:
    assert tidy_filename(given_name, "image/jpeg") == kept


def test_an_id_follows_from_site_and_content() -> None:
    one, other = Cleaned(b"1", "image/jpeg", 1, 1), Cleaned(b"2", "image/png", 1, 1)
    assert picture_id("a", one) == picture_id("a", one)
    assert len({picture_id("a", one), picture_id("b", one), picture_id("a", other)}) == 3
    assert picture_id("a", other).endswith("~mv2.png")
