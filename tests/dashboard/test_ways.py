"""Every link of the settings leads to a page that is there."""

from __future__ import annotations

import re

from tests.dashboard.owner_browser import OwnerBrowser


def test_no_link_of_the_settings_leads_nowhere(desk: OwnerBrowser) -> None:
    client = desk.app.world.shop.id
    pages = ("kiln", "kiln/settings", "kiln/settings/clients/new", f"kiln/settings/clients/{client}")
    more = ("kiln/settings/keys", "kiln/settings/site", "kiln/settings/pages")
    found = {link for page in (*pages, *more) for link in re.findall(r'href="(/dashboard/kiln[^"#]*)"', desk.open(page))}
    assert f"/dashboard/kiln/settings/clients/{client}" in found
    dead = [link for link in sorted(found) if desk.open(link.removeprefix("/dashboard/")) and desk.page.status_code != 200]
    assert dead == []
