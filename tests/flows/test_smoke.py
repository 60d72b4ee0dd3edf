from tests.flows.browser import Tab, sent_to
from tests.flows.shop import Shop


def test_smoke(shop: Shop, tab: Tab) -> None:
    created = shop.auth()
    page = tab.open(created)
    print(page)
    out = tab.fill_in(created.session.id, "login", {"email": "ann@example.com", "password": "nine green bottles"})
    target, params = sent_to(out)
    print(target, params)
    tokens = shop.redeem(params["code"])
    print(shop.member_of(tokens), shop.can_refresh(tokens), shop.moves(created.session.id))
