"""The files in `deploy/` name settings and commands that exist. No container engine is needed here, and none is asked."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from roundtrip.cli import COMMANDS
from roundtrip.settings import SETTINGS

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "roundtrip"}
KNOWN = {setting.name for setting in SETTINGS}
UNITS = sorted(DEPLOY.glob("*.service"))


def test_every_setting_in_every_file_is_one_that_the_program_reads() -> None:
    for file in DEPLOY.iterdir():
        named = set(re.findall(r"ROUNDTRIP_[A-Z_]+[A-Z]", file.read_text("utf-8")))
        assert named <= KNOWN, file


def test_every_service_runs_a_command_that_exists() -> None:
    assert set(OURS) == {"server", "worker", "migrate"}
    for service in OURS.values():
        assert service["command"][0] in COMMANDS
    for unit in UNITS:
        found = re.search(r"^ExecStart=\S+/roundtrip (\w+)$", unit.read_text("utf-8"), re.MULTILINE)
        assert found
        assert found[1] in COMMANDS


def test_nothing_serves_before_the_migrations_are_done_and_everything_mounted_is_declared() -> None:
    for name in ("server", "worker"):
        assert OURS[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert OURS["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for service in COMPOSE["services"].values():
        named = {secret if isinstance(secret, str) else secret["source"] for secret in service.get("secrets", [])}
        assert named <= set(COMPOSE["secrets"])
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])


def test_everybody_waits_for_a_server_longer_than_it_may_take_to_end() -> None:
    """OPS-09: drain, 20 seconds for what was begun, 20 for a round of the worker."""
    drain = int(OURS["server"]["environment"]["ROUNDTRIP_DRAIN_SECONDS"])
    assert int(OURS["server"]["stop_grace_period"].removesuffix("s")) > drain + 40
    for unit in UNITS:
        found = re.search(r"^TimeoutStopSec=(\d+)$", unit.read_text("utf-8"), re.MULTILINE)
        assert found
        assert int(found[1]) > 40


def test_the_image_runs_as_nobody_special_and_installs_by_hash_from_no_named_index() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["10001:10001"]
    assert text.count("--require-hashes") == 2
    assert "index-url" not in text
    assert not re.search(r"https?://(?!127\.0\.0\.1)", text)
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in source.split())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    """Where systemd's own check is installed; its syntax is read by the tests above everywhere."""
    program = shutil.which("systemd-analyze")
    text = unit.read_text("utf-8").replace("/opt/roundtrip/bin/roundtrip", "/bin/true")
    assert "ExecStart=/bin/true" in text
    if program:
        (tmp_path / unit.name).write_text(text)
        done = subprocess.run([program, "verify", tmp_path / unit.name], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
