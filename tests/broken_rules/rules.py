"""Rules of the heart, and how each may be broken: what `python -m tests.broken_rules` breaks one at a time.

A rule that can be broken without a test that fails is a rule nobody holds. Whoever changes one of these places changes it here too:
`tests/architecture/test_broken_rules.py` finds each text in its file.
"""

from __future__ import annotations

from tests.broken_rules.purchases import PURCHASES
from tests.broken_rules.tokens import TOKENS
from tests.broken_rules.visits import VISITS

RULES = (*VISITS, *TOKENS, *PURCHASES)
