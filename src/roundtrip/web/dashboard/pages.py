"""Every page of the dashboard, in the order in which addresses are tried. A new page is a file and a line here."""

from __future__ import annotations

from roundtrip.web.dashboard import (
    account,
    audit_log,
    find,
    joining,
    logging_in,
    mailbox,
    members,
    overview,
    people,
    redirect_sessions,
    refusals,
    second_factor,
    settings,
    settings_client,
    settings_members,
    settings_payments,
    settings_secrets,
    settings_site,
    webhook_log,
    webhooks,
)
from roundtrip.web.dashboard.desk import DeskPage

# What has a fixed first segment comes before the pages of a site, whose first segment is a slug.
PAGES: tuple[DeskPage, ...] = (
    *logging_in.PAGES,
    *joining.PAGES,
    *account.PAGES,
    *second_factor.PAGES,
    *people.PAGES,
    *overview.PAGES,
    *audit_log.PAGES,
    *mailbox.PAGES,
    *members.PAGES,
    *settings.PAGES,
    *settings_secrets.PAGES,
    *settings_client.PAGES,
    *settings_payments.PAGES,
    *webhook_log.PAGES,
    *webhooks.PAGES,
    *settings_site.PAGES,
    *settings_members.PAGES,
    *redirect_sessions.PAGES,
    *refusals.PAGES,
    *find.PAGES,
)
