"""The list of rules that are broken on purpose keeps up with the code."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.broken_rules.rules import RULES

ROOT = Path(__file__).parents[2]
ASKED_FOR = 70


def test_each_broken_rule_is_one_place_in_the_code_and_still_code_when_broken() -> None:
    """`python -m tests.broken_rules` breaks them one by one; a rule that moved would be broken in vain."""
    assert len(RULES) >= ASKED_FOR
    lost = []
    for rule in RULES:
        text = (ROOT / "src" / "roundtrip" / rule.file).read_text(encoding="utf-8")
        if text.count(rule.before) != 1:
            lost.append(rule.name)
        ast.parse(text.replace(rule.before, rule.after))
        assert all((ROOT / one).exists() for one in rule.tests), rule.name
    assert lost == []
