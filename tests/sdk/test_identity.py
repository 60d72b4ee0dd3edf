"""A site with its own forms: register and log in through the SDK, and every way that can fail."""

from __future__ import annotations

import pytest

from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import Account, sign_in


def _credentials(account: Account, **changed: str) -> dict[str, str]:
    return {"email": account.email, "password": account.password, **changed}


def test_signing_up_succeeds_with_a_session_token(sdk: Sdk, account: Account) -> None:
    answer = sdk("auth.register", {**_credentials(account), "profile": {"nickname": "Ann", "firstName": "Ann"}})
    assert answer["loginState"] == "SUCCESS"
    assert answer["data"]["sessionToken"].startswith("JWS.")


def test_logging_in_succeeds_with_a_session_token(sdk: Sdk, member: Account) -> None:
    answer = sdk("auth.login", _credentials(member))
    assert answer["loginState"] == "SUCCESS"
    assert answer["data"]["sessionToken"].startswith("JWS.")


def test_an_address_is_the_same_in_capitals(sdk: Sdk, member: Account) -> None:
    assert sdk("auth.login", _credentials(member, email=member.email.upper()))["loginState"] == "SUCCESS"


@pytest.mark.parametrize("email", ["not-an-address", "a@", "@example.com", ""])
def test_signing_up_with_a_bad_address_is_invalid_email(email: str, sdk: Sdk, account: Account) -> None:
    answer = sdk("auth.register", _credentials(account, email=email))
    assert answer["loginState"] == "FAILURE"
    assert answer["errorCode"] == "invalidEmail"
    assert answer["error"]


@pytest.mark.parametrize("password", ["short", "", "password"])
def test_signing_up_with_a_weak_password_is_a_failure_and_not_an_exception(password: str, sdk: Sdk, account: Account) -> None:
    """IDN-01. The SDK reads `data.type` of each violation: one without `data` would throw inside the site."""
    answer = sdk("auth.register", _credentials(account, password=password))
    assert answer["loginState"] == "FAILURE"
    assert "errorCode" not in answer
    assert "password" in answer["error"]


def test_signing_up_twice_is_email_already_exists(sdk: Sdk, member: Account) -> None:
    answer = sdk("auth.register", _credentials(member))
    assert answer["loginState"] == "FAILURE"
    assert answer["errorCode"] == "emailAlreadyExists"


def test_a_wrong_password_is_invalid_password(sdk: Sdk, member: Account) -> None:
    answer = sdk("auth.login", _credentials(member, password="Wrong-password-1!"))
    assert answer["loginState"] == "FAILURE"
    assert answer["errorCode"] == "invalidPassword"


def test_an_unknown_address_is_invalid_email(sdk: Sdk, account: Account) -> None:
    answer = sdk("auth.login", _credentials(account))
    assert answer["loginState"] == "FAILURE"
    assert answer["errorCode"] == "invalidEmail"


@pytest.mark.parametrize("changed", [{"email": ""}, {"email": "not-an-address"}, {"password": ""}, {"password": "x" * 5000}])
def test_a_login_that_cannot_be_right_is_a_failure_and_not_an_exception(changed: dict[str, str], sdk: Sdk, member: Account) -> None:
    """The SDK reads `applicationError.code` of every login failure unguarded: a validation error would throw inside the site."""
    answer = sdk("auth.login", _credentials(member, **changed))
    assert answer["loginState"] == "FAILURE"
    assert answer["errorCode"] in {"invalidEmail", "invalidPassword"}


def test_member_tokens_without_a_browser(sdk: Sdk, member: Account) -> None:
    """Official clients without a browser read the code out of the `web_message` page."""
    tokens = sign_in(sdk, sdk("auth.login", _credentials(member))["data"]["sessionToken"])
    assert tokens["refreshToken"]["role"] == "member"
    assert sdk("auth.loggedIn") is True


def test_a_session_token_is_spent_by_its_first_use(sdk: Sdk, member: Account) -> None:
    """AUT-16."""
    session_token = sdk("auth.login", _credentials(member))["data"]["sessionToken"]
    sign_in(sdk, session_token)
    with pytest.raises((SdkError, KeyError)):
        sign_in(sdk, session_token)


def test_the_current_member_is_who_signed_up(sdk: Sdk, account: Account) -> None:
    answer = sdk("auth.register", {**_credentials(account), "profile": {"nickname": "Ann of the shop"}})
    sign_in(sdk, answer["data"]["sessionToken"])

    me = sdk("members.getCurrentMember", {"fieldsets": ["FULL"]})["member"]
    assert me["_id"]
    assert me["loginEmail"] == account.email
    assert me["profile"]["nickname"] == "Ann of the shop"
    assert me["status"] == "APPROVED"
    assert me["_createdDate"].endswith("Z")


def test_a_visitor_is_no_member(sdk: Sdk) -> None:
    """AUT-14."""
    with pytest.raises(SdkError) as refused:
        sdk("members.getCurrentMember")
    assert refused.value.status in {401, 403, 404}
    assert refused.value.application_error["code"]
