"""Settings about pictures: what an operator may write, and what is said about everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from roundtrip import settings
from roundtrip.settings import SettingError


def read(folder: Path, **given: str) -> settings.Settings:
    environment = {"ROUNDTRIP_DATA_DIR": str(folder), "ROUNDTRIP_BASE_URL": "https://pages.example"}
    return settings.read({**environment, **{f"ROUNDTRIP_{name}": value for name, value in given.items()}})


def test_pictures_are_said_to_be_where_helpers_look_for_them_or_where_the_operator_says(tmp_path: Path) -> None:
    assert read(tmp_path).media_url == "https://static.wixstatic.com"
    assert read(tmp_path, MEDIA_URL="own").media_url == "https://pages.example"
    assert read(tmp_path, MEDIA_URL="https://pictures.example/").media_url == "https://pictures.example"


@pytest.mark.parametrize("text", ["pictures.example", "https://pictures.example/media", "http://pictures.example", "javascript:x"])
def test_another_form_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError, match="ROUNDTRIP_MEDIA_URL"):
        read(tmp_path, MEDIA_URL=text)


def test_hosts_inside_are_a_list(tmp_path: Path) -> None:
    assert read(tmp_path).import_hosts == frozenset()
    assert read(tmp_path, IMPORT_HOSTS=" Pictures.local ,nas:8080,").import_hosts == {"pictures.local", "nas:8080"}
    assert read(tmp_path, RENDITIONS_PER_MINUTE="7").limits.renditions_per_minute == 7
