"""Tells card numbers from other numbers, so that none is kept when somebody types one where it does not belong (PAY-01)."""

from __future__ import annotations

import re

# 13 to 19 digits in one piece or in groups, that begin like a card (ISO/IEC 7812: travel, banking, merchandising). A plus sign in front
# makes it a telephone number; letters, dots or more digits around it make it a part of something else, such as an id.
_LIKE_A_CARD = re.compile(r"(?<![\w+.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w.]|-\w)")


def has_card_number(text: str) -> bool:
    """True when a text has a number in it that is built like a payment card's, check digit included (ISO/IEC 7812-1, annex B)."""
    return any(_fits_its_check_digit(re.sub(r"\D", "", found)) for found in _LIKE_A_CARD.findall(text))


def _fits_its_check_digit(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
