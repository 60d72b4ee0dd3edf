"""What this room keeps about a person: that a provider keeps a card of theirs. Erasing them forgets its name, so nobody charges it."""

from __future__ import annotations

from typing import Any

from roundtrip.payments.cards import store
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000


def _cards(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [{"provider": one.provider, "kept_for": one.held_for, "kept_at": one.kept_at} for one in store.of_person(tx, person, MOST)]


KEEPS = Keeps("cards", ("payment_card",), _cards, store.forget_person, place=74)
