"""How often somebody may guess: a growing pause after wrong guesses, kept in the database, so that it holds on every node (IDN-02).

Three counters are asked together. A pair of account and address pays quickly and much; an address that tries many accounts pays; an
account that is tried from many addresses pays late and little, because an attacker must not be able to lock somebody out for long.

Refusing and counting are one: `wait` is asked before the guess is checked *and* again in the transaction that counts it, so that a
hundred guesses sent at once learn no more than a few sent in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roundtrip.core.clock import DAY, MINUTE, SECOND
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.secrets import hash_secret
from roundtrip.credentials import store
from roundtrip.storage.database import Tx

_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Pace:
    """After `free` wrong guesses each further one doubles the pause, from a second up to `longest` (milliseconds)."""

    free: int
    longest: int

    def pause(self, failures: int) -> int:
        """How long to wait after this many wrong guesses, in milliseconds."""
        over = failures - self.free
        return 0 if over <= 0 else min(SECOND << min(over - 1, _DOUBLINGS), self.longest)


PAIR = Pace(free=5, longest=15 * MINUTE)
ADDRESS = Pace(free=30, longest=15 * MINUTE)
ACCOUNT = Pace(free=50, longest=30 * SECOND)
MAILS = Pace(free=10, longest=5 * MINUTE)
"""For an account whose owner gets a mail with each try: slower, so that nobody's mailbox is filled from many addresses."""
FORGET_AFTER = DAY
"""A counter that saw no wrong guess for this long starts again."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One try at one door. `scope` names the door and the site (`login <site id>`), `account` what is tried, `address` from where."""

    scope: str
    account: str
    address: str
    account_pace: Pace = ACCOUNT

    @property
    def counters(self) -> Sequence[tuple[str, Pace]]:
        """Key and pace of each counter. Keys are hashes: the table names nobody. In fixed order, so that two guesses never deadlock."""
        named = (
            (f"{self.scope}\0pair\0{self.account}\0{self.address}", PAIR),
            (f"{self.scope}\0address\0{self.address}", ADDRESS),
            (f"{self.scope}\0account\0{self.account}", self.account_pace),
        )
        return sorted(((hash_secret("throttle", key), pace) for key, pace in named), key=lambda counter: counter[0])


def wait(tx: Tx, guess: Guess, now: int) -> int:
    """Milliseconds until this guess may be made; 0 when it may be made now."""
    return max(0, store.blocked_until(tx, [key for key, _ in guess.counters]) - now)


def require(tx: Tx, guess: Guess, now: int) -> None:
    """Raises LIMITED `TOO_MANY_ATTEMPTS` with the seconds to wait."""
    left = wait(tx, guess, now)
    if left > 0:
        raise refusal(left)


def refusal(left: int) -> AppError:
    """What is said while somebody has to wait `left` milliseconds: the same whether or not there is such an account."""
    seconds = max(1, -(-left // SECOND))
    return AppError(
        Kind.LIMITED,
        "TOO_MANY_ATTEMPTS",
        f"Too many attempts. Wait {seconds} s, then try again.",
        data={"retryAfterSeconds": seconds},
        retry_after=seconds,
    )


def failed(tx: Tx, guess: Guess, now: int) -> None:
    """Count a wrong guess. The caller's transaction must be kept: return `Refused`, do not raise."""
    for key, pace in guess.counters:
        failures = store.count_failure(tx, key, now, forget_before=now - FORGET_AFTER)
        pause = pace.pause(failures)
        if pause:
            store.block(tx, key, now + pause)


def succeeded(tx: Tx, guess: Guess) -> None:
    """A right guess clears the counter of its pair. The other two forget by themselves: one known password must not buy more guesses."""
    store.clear(tx, hash_secret("throttle", f"{guess.scope}\0pair\0{guess.account}\0{guess.address}"))


def forget_account(tx: Tx, guess: Guess) -> None:
    """Forget how often an account was tried, because it is erased (OPS-08)."""
    store.clear(tx, hash_secret("throttle", f"{guess.scope}\0account\0{guess.account}"))


def forget(tx: Tx, now: int, limit: int) -> int:
    """Delete counters that no longer matter; answers how many."""
    return store.forget_counters(tx, now - FORGET_AFTER, limit)
