"""One person's data, handed out and erased (OPS-08): of a member by id, of anybody by address. POST: no log has the address."""

from __future__ import annotations

from typing import Any

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import actor_of, own_site
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.ids import new_id
from roundtrip.storage.database import Tx
from roundtrip.workflows import personal_record
from roundtrip.workflows.personal_record import Erased, Who

PERMISSION = "personal_data.manage"


class PersonRequest(Wire):
    """Whose data: exactly one of the two."""

    member_id: str | None = None
    email: str | None = None


class PersonalRecord(Wire, omit_defaults=False):
    """Everything that is kept about a person, by where it is kept. A member's shape changes with what there is to keep."""

    personal_data: dict[str, list[dict[str, Any]]]


class ErasedRecord(Wire, omit_defaults=False):
    """How many rows were erased, by where they were kept. `memberId` is null for somebody who was no member."""

    member_id: str | None
    erased: dict[str, int]


async def export(call: Call) -> PersonalRecord:
    """Everything that is kept about a person. Audited."""
    return PersonalRecord(await call.write(_export, call, new_id(call.now)))


def _export(tx: Tx, call: Call, entry_id: str) -> dict[str, list[dict[str, Any]]]:
    return personal_record.hand_out(tx, _who(tx, call), actor=actor_of(tx, call), entry_id=entry_id, now=call.now)


async def erase(call: Call) -> ErasedRecord:
    """Erase all of it, and end everything that the person has open. Audited, without the address. There is no way back.

    Orders and payments stay for the books, without who it was. Refused with `ORDERS_OPEN` while an order of theirs waits for its money,
    or stands and was not sent and paid.
    """
    erased = await call.write(_erase, call, new_id(call.now), new_id(call.now))
    for subject in erased.revoked:
        call.services.revocations.add(subject, call.now)
    return ErasedRecord(erased.person.member_id, dict(erased.rows))


def _erase(tx: Tx, call: Call, entry_id: str, event_id: str) -> Erased:
    return personal_record.erase(tx, _who(tx, call), actor=actor_of(tx, call), entry_id=entry_id, event_id=event_id, now=call.now)


def _who(tx: Tx, call: Call) -> Who:
    asked: PersonRequest = call.body
    member_id, email = asked.member_id or None, (asked.email or "").strip() or None
    if (member_id is None) == (email is None):
        text = "name exactly one of memberId and email"
        raise AppError(Kind.INVALID, "INVALID_ARGUMENT", f"The body has to {text}.", violations=[Violation("memberId", text)])
    return Who(own_site(tx, call), member_id.lower() if member_id else None, email)


_EXAMPLE = {"email": "ann@example.com"}
_ERRORS = ("MEMBER_NOT_FOUND", "PERSON_NOT_FOUND")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ExportPersonalData",
        method="POST",
        paths=("/api/v1/personal-data/export",),
        summary="Hand out everything that is kept about a person.",
        run=export,
        permission=PERMISSION,
        callers=KEYS,
        request=PersonRequest,
        response=PersonalRecord,
        example=_EXAMPLE,
        errors=_ERRORS,
    ),
    Operation(
        name="ErasePersonalData",
        method="POST",
        paths=("/api/v1/personal-data/erase",),
        summary="Erase everything that is kept about a person. There is no way back.",
        run=erase,
        permission=PERMISSION,
        callers=KEYS,
        request=PersonRequest,
        response=ErasedRecord,
        example=_EXAMPLE,
        errors=(*_ERRORS, "ORDERS_OPEN"),
    ),
)
