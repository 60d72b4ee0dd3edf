"""A card number is known by its form, and other numbers are left alone (PAY-01)."""

from __future__ import annotations

import pytest

from roundtrip.core.card_numbers import has_card_number
from roundtrip.core.ids import new_id

CARDS = ["4242424242424242", "5555555555554444", "378282246310005", "6011111111111117", "2223003122003222", "4222222222222"]
OTHERS = [
    "4242424242424241",  # the check digit is wrong
    "+4242424242424242",  # a telephone number
    "1234567812345670",  # no card begins like this
    "0049 170 1234567",
    "42424242424242424242424",  # too long
    "DE02120300000000202051",  # an account
    "a4242424242424242",
    "4242424242424242.5",
    "2026-11-27 10:00",
    "",
]


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_found_however_it_is_written(card: str) -> None:
    groups = [card[at : at + 4] for at in range(0, len(card), 4)]
    for text in (card, " ".join(groups), "-".join(groups), f"my card: {card}, thanks", f"({card})", f"{card}\n"):
        assert has_card_number(text), text


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_are_not_taken_for_one(text: str) -> None:
    assert not has_card_number(text)


def test_ids_are_not_taken_for_one() -> None:
    assert not [one for one in (new_id(1_790_000_000_000 + n) for n in range(20_000)) if has_card_number(one)]
