"""What the doctor says about one thing: how bad, what, why a visitor would notice, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roundtrip.sites.readiness import Lack


class Severity(StrEnum):
    """`PROBLEM`: visitors meet it, or will when something happens. `WARNING`: worth knowing. `OK`: looked at, and right."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. `where`: the installation, or a site and client; `fix`: a command or a place."""

    severity: Severity
    where: str
    what: str
    why: str = ""
    fix: str = ""


def of_lack(where: str, lack: Lack) -> Finding:
    """A lack that a flow or a list reported, in the doctor's words."""
    return Finding(Severity.PROBLEM if lack.is_problem else Severity.WARNING, where, lack.what, lack.why, lack.fix)


def ok(where: str, what: str) -> Finding:
    """Looked at, and right."""
    return Finding(Severity.OK, where, what)


def warning(where: str, what: str, why: str, fix: str) -> Finding:
    """Worth knowing."""
    return Finding(Severity.WARNING, where, what, why, fix)


def problem(where: str, what: str, why: str, fix: str) -> Finding:
    """Visitors meet it."""
    return Finding(Severity.PROBLEM, where, what, why, fix)
