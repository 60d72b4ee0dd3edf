"""Languages: every sentence in every language, and the right language for every visitor (PAG-07)."""

from __future__ import annotations

import re
import string

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.text.catalogue import LANGUAGES, SOURCE, choose_language, direction, is_ours, say, translations
from tests.text.extraction import Key, extracted, read_catalogue, translated_languages, updated

PLACES = re.compile(r"%\(\w+\)[sd]")
HOW = "run `python -m tests.text.extraction` and translate what came in empty"


def in_catalogue(language: str) -> dict[Key, tuple[str, ...]]:
    """Key -> its translations (several where it counts)."""
    found: dict[Key, tuple[str, ...]] = {}
    for message in read_catalogue(language):
        if message.id and not message.fuzzy:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            found[message.id if isinstance(message.id, str) else tuple(message.id)] = tuple(str(text or "") for text in texts)
    return found


@pytest.mark.parametrize("language", translated_languages())
def test_every_sentence_has_a_translation(language: str) -> None:
    known = in_catalogue(language)
    missing = [key for key in extracted() if not all(known.get(key, ("",)))]
    assert missing == [], HOW


def test_japanese_sentences_follow_each_other_without_blanks() -> None:
    found = in_catalogue("ja")
    assert [texts for texts in found.values() if any(re.search("[。！？] ", text) for text in texts)] == []
    assert found["Your order has the number %(number)s. It is paid."][0].count("。") == 2, "whole paragraphs, not sentences put together"


@pytest.mark.parametrize("language", translated_languages())
def test_no_catalogue_keeps_sentences_that_nobody_shows(language: str) -> None:
    assert [key for key in in_catalogue(language) if key not in extracted()] == [], HOW


@pytest.mark.parametrize("language", translated_languages())
def test_a_translation_has_exactly_the_places_of_its_sentence(language: str) -> None:
    for key, texts in in_catalogue(language).items():
        forms = (key,) if isinstance(key, str) else key
        wanted = {place for form in forms for place in PLACES.findall(form)}
        for text in texts:
            found = set(PLACES.findall(text))
            assert found <= wanted, (key, text)
            assert found == wanted or not isinstance(key, str), (key, text)


@pytest.mark.parametrize("language", translated_languages())
def test_updating_an_up_to_date_catalogue_keeps_every_translation(language: str, tmp_path: object) -> None:
    before = in_catalogue(language)
    text = updated(language).decode()
    assert all(part in text for texts in before.values() for part in texts if len(part) < 60 and '"' not in part)


@pytest.mark.parametrize(
    ("requested", "chosen"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_at", "de"),
        (" he ", "he"),
        ("iw-IL", "he"),
        ("en-GB", "en"),
        ("fr-CA", "fr"),
        ("es-419", "es"),
        ("ja-JP", "ja"),
        ("jp", "en"),
        ("pt", "en"),
        ("", "en"),
        (None, "en"),
        ("d", "en"),
        ("de-", "de"),
        ("../../etc/passwd", "en"),
    ],
)
def test_the_closest_language_is_chosen(requested: str | None, chosen: str) -> None:
    """PAG-07."""
    assert choose_language(requested, LANGUAGES, "en") == chosen


def test_a_region_that_is_supported_goes_before_its_language() -> None:
    assert choose_language("pt-br", ("pt", "pt-BR"), "pt") == "pt-BR"


@given(st.text(max_size=40))
def test_whatever_is_requested_a_supported_language_answers(requested: str) -> None:
    assert choose_language(requested, LANGUAGES, "de") in LANGUAGES


def test_languages_know_their_own_name_and_direction() -> None:
    for code, language in LANGUAGES.items():
        locale = Locale.parse(code)
        assert language.name.casefold() == (locale.get_display_name() or "").casefold()
        assert direction(code) == locale.text_direction
    assert direction("xx") == "ltr"


def test_a_sentence_is_said_in_the_language_with_its_places_filled() -> None:
    assert say("de", "Back to %(site)s", site="Nordlicht") == "Zurück zu Nordlicht"
    assert say("en", "Back to %(site)s", site="Nordlicht") == "Back to Nordlicht"
    assert say("xx", "Password") == "Password"


def test_values_are_never_read_as_places() -> None:
    assert say("de", "Back to %(site)s", site="%(x)s 100%") == "Zurück zu %(x)s 100%"


def test_our_own_sentences_are_known() -> None:
    assert is_ours("Enter your password.")
    assert not is_ours("must have at least 8 characters")
    assert not is_ours("")


def test_catalogues_are_read_once() -> None:
    assert translations("de") is translations("de")
    assert type(translations(SOURCE)) is not type(translations("de"))


def test_hebrew_is_written_in_hebrew_letters() -> None:
    latin = set(string.ascii_letters)
    for key, texts in in_catalogue("he").items():
        for text in texts:
            words = (
                PLACES.sub("", text)
                .replace("name@example.com", "")
                .replace("Europe/Berlin", "")
                .replace("America/New_York", "")
                .replace("(Invalid redirect URI)", "")
            )
            assert not latin & set(words), (key, text)


FAMILIAR = {
    "de": r"du|dich|dir|deine?[mnrs]?|euch|eure?[mnrs]?",
    "es": r"tú|tu|tus|te|ti|contigo|vos|vosotros",
    "fr": r"tu|te|toi|ton|ta|tes",
}
"""Words that a friend would use: pages address visitors as Sie, usted and vous (decision 0100)."""


@pytest.mark.parametrize("language", FAMILIAR)
def test_visitors_are_addressed_politely(language: str) -> None:
    familiar = re.compile(rf"\b(?:{FAMILIAR[language]})\b")
    for text in all_texts(language):
        assert not familiar.search(text), text


def test_japanese_sentences_are_polite() -> None:
    """です/ます, and in questions か; headings and buttons may be without a verb."""
    for text in all_texts("ja"):
        for sentence in re.findall(r"[^。]+。", text):
            assert re.search(r"(?:です|ます|ました|ません|でした|ください|こんにちは|以上|以内)）?。$", sentence), text


TYPOGRAPHY = {
    "fr": [(r"(?<![\u202f\d])[;:!?»]", "a narrow no-break space before ; : ! ?"), (r"'", "the apostrophe ’"), (r"\.\.\.", "an ellipsis …")],
    "es": [(r"^[^¿]*\?", "¿ before ?"), (r"^[^¡]*!", "¡ before !"), (r"\.\.\.", "an ellipsis …")],
    "ja": [(r"[ぁ-ヿ一-鿿）」] ?[,.!?:;]", "、。！？："), (r"[,!?;] ?[ぁ-ヿ一-鿿]", "、。！？"), (r"\.\.\.|[｡､]", "full-width signs")],
    "de": [(r"(?<=\w) [;:!?]", "no blank before ; : ! ?"), (r"\.\.\.", "an ellipsis …")],
}
"""Language -> what would look foreign to its readers, and what stands there instead."""


@pytest.mark.parametrize("language", TYPOGRAPHY)
def test_signs_are_set_as_the_language_sets_them(language: str) -> None:
    for wrong, right in TYPOGRAPHY[language]:
        assert [text for text in all_texts(language) if re.search(wrong, text)] == [], right


def test_things_are_counted_as_the_language_counts() -> None:
    """PAG-07: one form in Japanese, and in French zero counts as one."""
    one, many = "Please check one thing", "Please check %(num)d things"

    def counted(language: str, number: int) -> str:
        return translations(language).ngettext(one, many, number)

    assert counted("ja", 1) == counted("ja", 2)
    assert counted("fr", 0) == counted("fr", 1) != counted("fr", 2)
    assert counted("es", 1) != counted("es", 0) == counted("es", 2)


def all_texts(language: str) -> list[str]:
    """Every translation of a language, a letter in each place, without what is English on purpose."""
    texts = [PLACES.sub("X", text) for texts in in_catalogue(language).values() for text in texts]
    return [re.sub(r"\(Invalid redirect URI\)|（Invalid redirect URI）|https?://\S+", "", text) for text in texts]
