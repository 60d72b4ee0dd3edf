"""The rooms' SQL means the same to psycopg as to SQLite, whatever stands between the quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.storage.database import Database
from roundtrip.storage.statement_text import to_psycopg


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a", "SELECT %(a)s"),
        ("SELECT :a_1, :a_1,:B2", "SELECT %(a_1)s, %(a_1)s,%(B2)s"),
        ("SELECT :a::text", "SELECT %(a)s::text"),
        ("SELECT a::text", "SELECT a::text"),
        ("SELECT ':a', 'it''s :b', :c", "SELECT ':a', 'it''s :b', %(c)s"),
        ("SELECT ':a' || :b || ':c'", "SELECT ':a' || %(b)s || ':c'"),
        ('SELECT ":a" FROM t', 'SELECT ":a" FROM t'),
        (r"SELECT E'\':a', :b", r"SELECT E'\':a', %(b)s"),
        (r"SELECT x LIKE'\', :b", r"SELECT x LIKE'\', %(b)s"),
        ("SELECT $$ :a $$, $x$ :b $$ $x$, :c", "SELECT $$ :a $$, $x$ :b $$ $x$, %(c)s"),
        ("SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, %(b)s"),
        ("SELECT 1 /* :a\n' */, :b", "SELECT 1 /* :a\n' */, %(b)s"),
        ("SELECT a LIKE '%:x%' AND 5 % 2 = :b", "SELECT a LIKE '%%:x%%' AND 5 %% 2 = %(b)s"),
        ("SELECT a[1:2]", "SELECT a[1:2]"),
    ],
)
def test_only_parameters_are_translated(sql: str, expected: str) -> None:
    assert to_psycopg(sql) == expected


_names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
_inside = st.text(alphabet=":%ab_1 -/*$\n\\", max_size=8)
_pieces = st.one_of(
    _names.map(lambda name: (f":{name}", f"%({name})s")),
    st.sampled_from(["SELECT", "::text", "=", "1", "(", ")", ","]).map(lambda text: (text, text)),
    st.just(("%", "%%")),
    _inside.map(lambda text: (f"'{text}'", f"'{text}'".replace("%", "%%"))),
    _inside.map(lambda text: (f'"{text}"', f'"{text}"'.replace("%", "%%"))),
    _inside.filter(lambda text: "*/" not in text and "/*" not in text and not text.endswith("*") and not text.startswith("/")).map(
        lambda text: (f"/*{text}*/", f"/*{text}*/".replace("%", "%%"))
    ),
    _inside.filter(lambda text: "\n" not in text).map(lambda text: (f"--{text}\n", f"--{text}\n".replace("%", "%%"))),
)


@given(st.lists(_pieces, max_size=12))
def test_any_mixture_of_pieces_is_translated_piece_by_piece(pieces: list[tuple[str, str]]) -> None:
    assert to_psycopg(" ".join(piece for piece, _ in pieces)) == " ".join(expected for _, expected in pieces)


def test_one_text_means_the_same_on_both_databases(db: Database) -> None:
    sql = "SELECT ':a %s', :a, CAST(:n AS BIGINT) % 4 /* :b */ -- 100% :c\n WHERE 'x' LIKE '%'"
    assert db.read_now(lambda tx: tx.one(sql, a=r"%(a)s:b\'", n=7)) == (":a %s", r"%(a)s:b\'", 3)
