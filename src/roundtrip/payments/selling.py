"""What this room wants of whoever sells something. They are joined in `workflows/selling.py`; neither knows the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from roundtrip.payments.model import Attempt, Settled
from roundtrip.storage.database import Tx


class Seller(Protocol):
    """Whoever sells one kind of thing."""

    def be_alone(self, tx: Tx, site_id: str, owed_id: str, now: int) -> None:
        """Lock whatever of the thing `owed_id` its seller locks before its payment, because something about that is going to change.

        Called before anything of the payment is locked, so that seller and payment are locked in one order by everybody.
        """
        ...

    def settled(self, tx: Tx, settled: Settled, now: int) -> None:
        """Something new is known about paying the thing `settled.attempt.owed_id`. Runs in the transaction that made it true.

        - `is_paid`: complete the thing (one conditional UPDATE). With `is_late` take what is still free, or ask for the money back with
          `payments.refunds.undo(tx, attempt, reason=..., now=now)` and say so (PAY-08).
        - `overtaken`: the money is on its way back. What was waiting for it, and for no other attempt, waits no longer.
        - otherwise `settled.attempt.status` tells: `pending` keeps what is held, the others mean that this attempt brings no money, and
          another may follow.

        Raising undoes all of it; the report stays and is applied again later.
        """
        ...

    def refund_failed(self, tx: Tx, attempt: Attempt, now: int) -> None:
        """Money that was to go back for the thing `attempt.owed_id` could not be moved: it is still here, and may be asked for again."""
        ...


Sellers = Mapping[str, Seller]
"""By the `kind` of what they let be owed."""
