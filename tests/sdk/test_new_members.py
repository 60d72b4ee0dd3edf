"""A site with its own forms, whose new members wait for a code or for the owner; and forgotten, changed and wrong passwords."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.own_site import OwnSite, own_site
from tests.sdk.bridge import Sdk, SdkError
from tests.sdk.conftest import SHOP, Account, sign_in
from tests.server_fixtures import Server, StartServer

NEW = "Other-9-brown-owls!"


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> Server:
    """A server of its own: what its site asks of new members must not touch other tests."""
    return start_server()


@pytest.fixture(scope="module")
def shop(server: Server) -> OwnSite:
    server.secret(NEW)
    return own_site(server, redirect_uris=[f"{SHOP}/callback"], redirect_domains=["shop.example"])


@pytest.fixture(scope="module")
def sdk(server: Server, shop: OwnSite) -> Iterator[Sdk]:
    """One visitor of that site for all tests of this file: each test is about another member."""
    sdk = Sdk(server, shop.client_id)
    yield sdk
    sdk.close()


@pytest.fixture
def new(server: Server, shop: OwnSite) -> Iterator[Callable[[], Sdk]]:
    """More visitors."""
    made: list[Sdk] = []

    def one_more() -> Sdk:
        made.append(Sdk(server, shop.client_id))
        return made[-1]

    yield one_more
    for sdk in made:
        sdk.close()


@pytest.fixture
def account(server: Server) -> Account:
    return Account(f"new-{uuid.uuid4().hex[:10]}@example.com", server.secret(f"Right-{uuid.uuid4().hex[:12]}-9!"))


def register(sdk: Sdk, account: Account) -> dict[str, object]:
    answer: dict[str, object] = sdk("auth.register", {"email": account.email, "password": account.password, "profile": {"nickname": "Ann"}})
    return answer


def log_in(sdk: Sdk, account: Account, password: str | None = None) -> dict[str, object]:
    answer: dict[str, object] = sdk("auth.login", {"email": account.email, "password": password or account.password})
    return answer


def test_signing_up_goes_on_with_the_mailed_code(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    """IDN-04: `EMAIL_VERIFICATION_REQUIRED`, then `processVerification`."""
    shop.ask(verification=True)
    state = register(sdk, account)
    assert state["loginState"] == "EMAIL_VERIFICATION_REQUIRED"
    code = shop.letter(account.email, "verify_email").digits
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(SdkError) as refused:
        sdk("auth.processVerification", {"verificationCode": wrong}, state)
    assert (refused.value.status, refused.value.application_error["code"]) == (400, "VERIFICATION_FAILED")
    done = sdk("auth.processVerification", {"verificationCode": code}, state)
    assert done["loginState"] == "SUCCESS"
    assert done["data"]["sessionToken"].startswith("JWS.")
    assert log_in(sdk, account)["loginState"] == "SUCCESS"


def test_the_sdk_remembers_what_it_waits_for_by_itself(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    shop.ask(verification=True)
    register(sdk, account)
    code = shop.letter(account.email, "verify_email").digits
    assert sdk("auth.processVerification", {"verificationCode": code})["loginState"] == "SUCCESS"
    with pytest.raises(SdkError):
        sdk("auth.processVerification", {"verificationCode": code})


def test_a_member_who_waits_for_the_owner_is_told_so_until_they_are_let_in(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    shop.ask(approval=True)
    assert register(sdk, account) == {"loginState": "OWNER_APPROVAL_REQUIRED"}
    assert log_in(sdk, account) == {"loginState": "OWNER_APPROVAL_REQUIRED"}
    shop.call("POST", f"/api/v1/members/{shop.member_id(account.email)}/approve")
    assert log_in(sdk, account)["loginState"] == "SUCCESS"
    assert shop.letter(account.email, "approved").subject


def test_first_the_code_and_then_the_owner(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    shop.ask(verification=True, approval=True)
    state = register(sdk, account)
    code = shop.letter(account.email, "verify_email").digits
    assert sdk("auth.processVerification", {"verificationCode": code}, state) == {"loginState": "OWNER_APPROVAL_REQUIRED"}


def test_a_forgotten_password_is_replaced_through_the_mail_and_leads_back_to_the_site(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    """IDN-05, IDN-06."""
    shop.ask()
    register(sdk, account)
    with pytest.raises(SdkError) as refused:
        sdk("auth.sendPasswordResetEmail", account.email, "https://other.example/")
    assert refused.value.application_error["code"] == "INVALID_REDIRECT_URI"
    sdk("auth.sendPasswordResetEmail", account.email, f"{SHOP}/callback")
    link = shop.letter(account.email, "recover").link
    assert httpx.get(link, timeout=20).status_code == 200
    own_form = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "origin": shop.server.origin}
    done = httpx.post(link, data={"password": NEW}, headers=own_form, timeout=20)
    assert (done.status_code, done.headers["location"].split("?")[0]) == (303, f"{SHOP}/callback")
    assert log_in(sdk, account)["errorCode"] == "invalidPassword"
    assert log_in(sdk, account, NEW)["loginState"] == "SUCCESS"


def test_nobody_learns_from_a_reset_who_has_an_account(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    """IDN-03."""
    assert sdk("auth.sendPasswordResetEmail", account.email, f"{SHOP}/callback") is None


def test_a_changed_password_ends_every_other_login(shop: OwnSite, new: Callable[[], Sdk], sdk: Sdk, account: Account) -> None:
    """IDN-06."""
    shop.ask()
    token = register(sdk, account)["data"]
    assert isinstance(token, dict)
    here, elsewhere = new(), new()
    sign_in(here, token["sessionToken"])
    again = log_in(elsewhere, account)["data"]
    assert isinstance(again, dict)
    sign_in(elsewhere, again["sessionToken"])
    with pytest.raises(SdkError) as refused:
        here("authentication.changePassword", "short")
    assert refused.value.violations
    here("authentication.changePassword", NEW)
    assert here("members.getCurrentMember", {"fieldsets": ["FULL"]})["member"]["loginEmail"] == account.email
    with pytest.raises(SdkError):
        elsewhere("members.getCurrentMember")
    assert log_in(sdk, account)["errorCode"] == "invalidPassword"
    assert log_in(sdk, account, NEW)["loginState"] == "SUCCESS"


def test_wrong_passwords_in_a_row_have_to_wait_and_do_not_throw(shop: OwnSite, sdk: Sdk, account: Account) -> None:
    """IDN-02: the site shows the sentence; the right password has to wait as well."""
    shop.ask()
    register(sdk, account)
    answers = [log_in(sdk, account, f"Wrong-password-{number}!") for number in range(7)]
    assert [answer["loginState"] for answer in answers] == ["FAILURE"] * 7
    assert [answer.get("errorCode") for answer in answers[:5]] == ["invalidPassword"] * 5
    assert any("Too many attempts" in str(answer["error"]) for answer in answers[5:])
