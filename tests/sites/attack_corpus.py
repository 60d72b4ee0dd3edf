"""The attack corpus of the RED section, read from `attack_corpus.json`. Extend that file with each new flaw.

A client whose only redirect URI is `ALLOWED_URI` and whose only redirect domain is `ALLOWED_DOMAIN` must refuse all of `ATTACKS` where
full addresses decide, and all of `DOMAIN_ATTACKS` where the host decides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Attack:
    """One address and what it tries."""

    url: str
    refused_by: str
    why: str


_CORPUS = json.loads(Path(__file__).with_name("attack_corpus.json").read_text(encoding="utf-8"))

ALLOWED_URI: str = _CORPUS["allowed_uri"]
ALLOWED_DOMAIN: str = _CORPUS["allowed_domain"]
ATTACKS: tuple[Attack, ...] = tuple(Attack(**row) for row in _CORPUS["attacks"])
DOMAIN_ATTACKS: tuple[Attack, ...] = tuple(attack for attack in ATTACKS if attack.refused_by == "both")
