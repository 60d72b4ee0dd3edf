"""Which part in which size an address asks for, whatever it asks for."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roundtrip.core.errors import AppError
from roundtrip.media import address
from roundtrip.media.model import MOST_SIDE, Picture
from roundtrip.media.rendition import KINDS, MOST_ENLARGED, Rendition, read

SIDES = st.integers(1, MOST_SIDE)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_.,-~%é\0/", max_size=60)
SETTINGS = st.lists(
    st.one_of(
        st.builds(
            "{}_{}".format,
            st.sampled_from(["w", "h", "x", "y", "q", "lg", "blur", "fp", "al", "usm"]),
            st.one_of(st.integers(-100, 1_200_000), st.sampled_from(["c", "tl", "NaN", "0.5_0.5", "0.2", "1e9", "", "-1"])),
        ),
        WORDS,
    ),
    max_size=7,
).map(",".join)
PARTS = st.lists(st.tuples(st.one_of(st.sampled_from(KINDS), WORDS), SETTINGS), min_size=1, max_size=2)


@given(PARTS, SIDES, SIDES)
@example([("fill", "w_1,h_1")], 1, 5000)
@example([("crop", "x_0,y_0,w_1,h_5000"), ("fill", "w_5000,h_1,lg_2")], 5000, 5000)
@example([("crop", "x_-5,y_-5,w_5,h_5")], 10, 10)
def test_an_address_is_understood_or_refused_and_never_asks_for_too_much(parts: list[tuple[str, str]], width: int, height: int) -> None:
    wanted: Rendition | str
    try:
        wanted = read(parts, width, height)
    except AppError as error:
        wanted = error.code
    if isinstance(wanted, str):
        assert wanted == "INVALID_RENDITION"
        return
    left, top, right, bottom = wanted.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    enlarged = MOST_ENLARGED if any("lg" in text for _, text in parts) else 1.0
    for size, part in zip(wanted.size, (right - left, bottom - top), strict=True):
        assert 1 <= size <= MOST_SIDE
        assert size <= part * enlarged + 1
    assert 20 <= wanted.quality <= 95
    assert wanted.quality % 5 == 0
    assert 0 <= wanted.blur <= 60


@given(SIDES, SIDES, SIDES, SIDES)
def test_fill_has_the_wanted_shape_and_fit_keeps_the_pictures(width: int, height: int, wanted_width: int, wanted_height: int) -> None:
    filled = read([("fill", f"w_{wanted_width},h_{wanted_height},al_c")], width, height)
    fitted = read([("fit", f"w_{wanted_width},h_{wanted_height}")], width, height)
    if wanted_width <= width and wanted_height <= height:
        assert filled.size == (wanted_width, wanted_height)
    assert fitted.size[0] <= wanted_width
    assert fitted.size[1] <= wanted_height
    assert fitted.box == (0, 0, width, height)
    exact = fitted.size[0] * height / width
    assert abs(fitted.size[1] - exact) <= 1 + height / width


@pytest.mark.parametrize(
    ("parts", "box", "size"),
    [
        ([("fill", "w_300,h_300,al_c,q_80,usm_0.66_1.00_0.01,enc_auto")], (150, 0, 1050, 900), (300, 300)),
        ([("fill", "w_300,h_300,al_l")], (0, 0, 900, 900), (300, 300)),
        ([("fill", "w_300,h_300,al_br")], (300, 0, 1200, 900), (300, 300)),
        ([("fill", "w_300,h_300,fp_0.20_0.70")], (0, 0, 900, 900), (300, 300)),
        ([("fill", "w_300,h_300,fp_0.60_0.70")], (270, 0, 1170, 900), (300, 300)),
        ([("fit", "w_1000,h_1000,q_90")], (0, 0, 1200, 900), (1000, 750)),
        ([("fit", "w_600")], (0, 0, 1200, 900), (600, 450)),
        ([("fill", "w_3000,h_3000")], (150, 0, 1050, 900), (900, 900)),
        ([("fill", "w_2400,h_1800,lg_1")], (0, 0, 1200, 900), (2400, 1800)),
        ([("fill", "w_NaN,h_300")], (0, 0, 1200, 900), (400, 300)),
        ([("crop", "x_10,y_20,w_300,h_300"), ("fill", "w_150,h_150,al_c")], (10, 20, 310, 320), (150, 150)),
        ([("crop", "x_1000,y_800,w_900,h_900")], (1000, 800, 1200, 900), (200, 100)),
        ([("crop", "w_200,h_100,al_t")], (500, 0, 700, 100), (200, 100)),
    ],
)
def test_what_clients_ask_for(parts: list[tuple[str, str]], box: tuple[float, ...], size: tuple[int, int]) -> None:
    wanted = read(parts, 1200, 900)
    assert (wanted.box, wanted.size) == (box, size)


def test_sharpening_blur_and_quality_are_read_from_the_last_part() -> None:
    wanted = read([("fill", "w_10,h_10,q_83,usm_0.66_1.00_0.01,blur_3,bl,enc_avif,quality_auto,con_5")], 100, 100)
    assert wanted == Rendition((0, 0, 100, 100), (10, 10), quality=80, blur=3, sharpen=True)


@pytest.mark.parametrize("text", ["w_0,h_9", "w_-3", "w_1e9", "w_9999999", "al_x", "x_500,y_0,w_10,h_10", "w_" + "1" * 500])
def test_nonsense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AppError) as caught:
        read([("crop", text)], 100, 100)
    assert "/v1/fill/w_300,h_200/name.jpg" in caught.value.description


PICTURE = Picture("ab12cd_00ff~mv2.jpg", "site", "Töpfe 1.jpg", "image/jpeg", 1200, 900, 5, 0)


def test_every_address_of_a_picture_names_it() -> None:
    addresses = [
        PICTURE.id,
        address.of(PICTURE),
        address.of(PICTURE, width=90, height=90),
        address.absolute(address.WELL_KNOWN, PICTURE, width=90),
        address.stored(PICTURE, "A pot / two?"),
        address.stored(PICTURE).removeprefix("wix:"),
    ]
    assert [address.picture_id_in(one) for one in addresses] == [PICTURE.id] * 6
    assert address.stored(PICTURE, "A pot / two?") == (
        "wix:image://v1/ab12cd_00ff~mv2.jpg/A%20pot%20%2F%20two%3F#originWidth=1200&originHeight=900"
    )
    for text in ("", "https://shop.example/a.jpg", "wix:video://v1/x/y", "../x", "a b", "https://shop.example/media/"):
        assert address.picture_id_in(text) is None


def test_an_address_in_full_is_below_the_host_of_pictures() -> None:
    assert address.absolute("https://pages.example", PICTURE) == f"https://pages.example/media/{PICTURE.id}"


@given(st.text(max_size=40))
def test_any_text_names_a_picture_or_none(text: str) -> None:
    found = address.picture_id_in(text)
    assert found is None or (found in text and "/" not in found)


@pytest.mark.parametrize(("width", "height", "size"), [(300, 300, (300, 300)), (300, None, (300, 225)), (None, 90, (120, 90))])
def test_the_addresses_that_pages_use_lead_to_the_size_they_want(width: int | None, height: int | None, size: tuple[int, int]) -> None:
    path = address.of(PICTURE, width=width, height=height)
    kind, text = path.split("/")[4:6]
    assert read([(kind, text)], PICTURE.width, PICTURE.height).size == size
