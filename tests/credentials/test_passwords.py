"""Which passwords and addresses are taken, and that checking them tells nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import extract_parameters

import roundtrip
from roundtrip.core.errors import AppError, Kind
from roundtrip.credentials.passwords import DUMMY_HASH, PasswordRules, check_email, check_password, hash_password, verify_password

EMAIL = "ann@example.com"


def refusal(password: str, email: str = EMAIL, rules: PasswordRules | None = None) -> AppError:
    with pytest.raises(AppError) as caught:
        check_password(password, email, rules or PasswordRules())
    return caught.value


@pytest.mark.parametrize(
    "password", ["correct horse", "a" * 7 + "b", "x" * 255 + "y", "пароль-пароль", "🔑🗝️🔒🔓🔑🗝️🔒🔓", "no capital no digit"]
)
def test_any_kind_of_character_makes_a_password(password: str) -> None:
    """IDN-01: no composition rules, long ones are welcome."""
    check_password(password, EMAIL)


@pytest.mark.parametrize(
    ("password", "rule", "bound"), [("seven77", "MIN_LENGTH", 8), ("", "MIN_LENGTH", 8), ("x" * 257, "MAX_LENGTH", 256)]
)
def test_the_length_is_bounded_and_the_bound_is_named(password: str, rule: str, bound: int) -> None:
    """IDN-01."""
    (violation,) = refusal(password).violations
    assert (violation.field, violation.rule, violation.data) == ("password", rule, {"threshold": bound})
    assert str(bound) in violation.description


@pytest.mark.parametrize("password", ["password1", "PASSWORD1", "qwertyuiop", "12345678", "iloveyou", "aaaaaaaaaaaa"])
def test_a_password_that_everybody_tries_is_refused(password: str) -> None:
    """IDN-01: a common list, whatever the case."""
    error = refusal(password)
    assert error.kind is Kind.INVALID
    assert error.violations[0].field == "password"
    assert error.violations[0].data == {}


@pytest.mark.parametrize("password", ["ann.smith@example.com", "Ann.Smith@Example.com", "ann.smith"])
def test_the_address_is_no_password(password: str) -> None:
    """IDN-01."""
    assert "e-mail" in refusal(password, "ann.smith@example.com").description


def test_a_site_may_ask_for_longer_ones() -> None:
    assert refusal("correct horse", rules=PasswordRules(min_length=15)).violations[0].data == {"threshold": 15}


def test_a_hash_fits_its_password_only() -> None:
    stored = hash_password("correct horse battery")
    assert verify_password(stored, "correct horse battery")
    assert not verify_password(stored, "correct horse batterz")
    assert stored != hash_password("correct horse battery")


def test_the_same_keys_on_another_keyboard_open_the_same_account() -> None:
    """The decomposed form of a Mac and the composed form of a PC are one password."""
    assert verify_password(hash_password("pässwörtchen"), "pa\u0308sswo\u0308rtchen")


def test_a_hash_is_memory_hard() -> None:
    """IDN-01: argon2id, 19 MiB, two passes, one lane."""
    parameters = extract_parameters(hash_password("correct horse"))
    assert (parameters.type.name, parameters.time_cost, parameters.memory_cost, parameters.parallelism) == ("ID", 2, 19456, 1)


@pytest.mark.parametrize("stored", [None, "", "not a hash", DUMMY_HASH])
def test_nobody_gets_in_without_a_password_on_record(stored: str | None) -> None:
    assert not verify_password(stored, "correct horse")


def test_an_unknown_address_costs_the_same_work() -> None:
    """IDN-03: the hash that stands in has the parameters of a real one, down to the lengths."""
    assert extract_parameters(DUMMY_HASH) == extract_parameters(hash_password("correct horse"))


@pytest.mark.parametrize(
    "email", ["ann@example.com", " ann@example.com ", "ann+tag@mail.example.co.uk", "o'hara@example.com", "ännchen@bücher.de", "a@b.io"]
)
def test_an_address_is_taken_as_written(email: str) -> None:
    assert check_email(email) == email.strip()


@pytest.mark.parametrize(
    "email",
    ["", "ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "ann@exa mple.com", "a\nb@example.com", "ann@-example.com",
     "ann@example..com", "ann@example.com\0", "<ann@example.com>", "ann@example.com,bob@example.com", "x" * 65 + "@example.com",
     "ann@" + "x" * 250 + ".com", "ann@example.c", "ann@127.0.0.1"],
)  # fmt: skip
def test_a_bad_address_is_named_as_such_to_the_sdk(email: str) -> None:
    """The official SDK reads `data.type` of the violation."""
    with pytest.raises(AppError) as caught:
        check_email(email)
    (violation,) = caught.value.violations
    assert (violation.field, violation.data) == ("loginId.email", {"type": "EMAIL"})


def test_the_list_of_common_passwords_is_loaded_only_when_somebody_signs_up() -> None:
    """Most server processes never need its 14 MiB."""
    program = "import sys, roundtrip.credentials.passwords; sys.exit('zxcvbn' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(roundtrip.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", program], check=False, env=environment).returncode == 0
