"""How people are called on pages and in mails."""

from __future__ import annotations

import pytest

from roundtrip.ecom.address import Contact


@pytest.mark.parametrize(
    ("first", "last", "called"),
    [
        ("Ann", "Lee", "Ann Lee"),
        ("\u592a\u90ce", "\u5c71\u7530", "\u5c71\u7530 \u592a\u90ce"),
        ("\u30b1\u30f3", "\u5c71\u7530", "\u5c71\u7530 \u30b1\u30f3"),
        ("\u05d0\u05e0\u05d4", "\u05db\u05d4\u05df", "\u05d0\u05e0\u05d4 \u05db\u05d4\u05df"),
        ("", "\u5c71\u7530", "\u5c71\u7530"),
        ("", "", ""),
    ],
)
def test_the_family_comes_first_where_the_name_is_written_so(first: str, last: str, called: str) -> None:
    assert Contact(first, last).name == called
