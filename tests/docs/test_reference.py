"""The manual says what the code does: generated pages are fresh, and every setting, operation, event, command and flow has its heading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roundtrip.api.operations import OPERATIONS
from roundtrip.flows.registry import registry
from roundtrip.settings import SETTINGS
from scripts import generate_reference

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def headings(name: str) -> set[str]:
    return set(re.findall(r"^## (.+)$", (REFERENCE / name).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", generate_reference.PAGES)
def test_a_generated_page_is_what_the_code_says_today(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == generate_reference.page(name), "run `make docs`"


def test_every_setting_operation_and_flow_has_a_heading() -> None:
    assert {setting.name for setting in SETTINGS} <= headings("settings.md")
    assert {operation.name for operation in OPERATIONS} <= headings("operations.md")
    assert set(registry().params) <= headings("flows.md")


def test_every_environment_variable_in_the_code_is_a_documented_setting() -> None:
    named = {name for file in (ROOT / "src").rglob("*.py") for name in re.findall(r"ROUNDTRIP_[A-Z_]+[A-Z]", file.read_text("utf-8"))}
    assert named
    assert named <= {setting.name for setting in SETTINGS}


def test_every_recorded_event_is_documented() -> None:
    slugs = set(re.findall(r'_record\(tx, \w+, "(\w+)"', (ROOT / "src/roundtrip/redirect_session/actions.py").read_text("utf-8")))
    assert slugs
    assert {f"redirect_session.{slug}" for slug in slugs} <= headings("events.md")


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for file in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (file.parent / target).exists():
                broken.append(f"{file.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_decision_record_the_code_names_exists() -> None:
    known = {file.name[:4] for file in (ROOT / "docs" / "decisions").glob("*.md")}
    named = set()
    for file in (ROOT / "src").rglob("*.py"):
        named |= set(re.findall(r"decision(?: record)?s? (00\d\d)", file.read_text("utf-8")))
    assert named
    assert named <= known


def test_every_requirement_a_test_names_is_written_down() -> None:
    pattern = r"\b(?:RED|SES|AUT|IDN|PAG|PAY|WHK|OPS|TST)-[0-9]{2}\b"
    named = {name for file in (ROOT / "tests").rglob("*.py") for name in re.findall(pattern, file.read_text("utf-8"))}
    assert named <= set(re.findall(rf"^\| ({pattern})", (REFERENCE / "requirements.md").read_text("utf-8"), re.MULTILINE))
