"""Rules of the heart, and how each may be broken: what `python -m tests.broken_rules` breaks one at a time.

A rule that can be broken without a test that fails is a rule nobody holds. Whoever changes one of these places changes it here too:
`tests/architecture/test_broken_rules.py` finds each text in its file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """What a visitor or an owner would notice; the file below `src/roundtrip`, the text in it and what to put there; who should notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


RULES = (
    Broken(
        "an address of another scheme counts as listed",
        "sites/allow_list.py",
        "entry = listed.exact.get(url.origin)\n"
        "    if entry is not None:\n"
        "        return _Match(entry, Reason.LISTED)\n"
        "    entry = listed.wildcards",
        "entry = listed.exact.get(url.origin.replace('http:', 'https:'))\n"
        "    if entry is not None:\n"
        "        return _Match(entry, Reason.LISTED)\n"
        "    entry = listed.wildcards",
        ("tests/sites",),
    ),
    Broken(
        "a fragment is allowed in a redirect URI",
        "sites/allow_list.py",
        "if url.fragment is not None:",
        "if False:",
        ("tests/sites",),
    ),
    Broken(
        "dot segments are folded silently",
        "sites/allow_list.py",
        "    if segment is not None:\n        path",
        "    if False and segment is not None:\n        path",
        ("tests/sites",),
    ),
    Broken(
        "a live site returns to http",
        "sites/allow_list.py",
        'if url.scheme == "http":\n        return Reason.HTTP_NEEDS_TEST_MODE',
        'if url.scheme == "gopher":\n        return Reason.HTTP_NEEDS_TEST_MODE',
        ("tests/sites",),
    ),
    Broken(
        "a live site honours patterns of redirect URIs",
        "sites/allow_list.py",
        "return Reason.PATTERN_NEEDS_TEST_MODE if rule.is_exact and by_pattern else None",
        "return Reason.PATTERN_NEEDS_TEST_MODE if not rule.is_exact and by_pattern else None",
        ("tests/sites",),
    ),
    Broken(
        "a pattern that has ended still counts",
        "sites/allow_list.py",
        "if isinstance(match.entry, UriEntry) and match.entry.has_ended(now):",
        "if isinstance(match.entry, DomainEntry) and match.entry.has_ended(now):",
        ("tests/sites",),
    ),
    Broken(
        "the query of a redirect URI does not matter to a pattern",
        "sites/allow_list.py",
        "(entry.url.path, entry.url.query) == (url.path, url.query)",
        "entry.url.path == url.path",
        ("tests/sites",),
    ),
    Broken(
        "the way back is not judged again",
        "redirect_session/return_url.py",
        "    if not verdict.allowed:\n        raise NotAllowed(verdict, url, site)",
        "    if verdict.flaw:\n        raise NotAllowed(verdict, url, site)",
        ("tests/redirect_session", "tests/web/test_redirect_targets.py", "tests/flows"),
    ),
    Broken(
        "who walked away comes back with ids",
        "redirect_session/return_url.py",
        "added = dict(session.result or {}) if succeeded else {}",
        "added = dict(session.result or {})",
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "who walked away lands on the thank-you page",
        "redirect_session/return_url.py",
        "(callbacks.thank_you_page_url if succeeded else None) or",
        "callbacks.thank_you_page_url or",
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "a post-logout address is held to the domains",
        "redirect_session/return_url.py",
        "_judge(client, site, Rule.POST_LOGOUT_URI, post_logout_uri, now)",
        "_judge(client, site, Rule.REDIRECT_DOMAIN, post_logout_uri, now)",
        ("tests/redirect_session", "tests/flows", "tests/oauth"),
    ),
    Broken(
        "a second browser opens a session",
        "redirect_session/store.py",
        "\"WHERE id = :id AND status = 'created' AND expires_at > :now\",",
        "\"WHERE id = :id AND status IN ('created', 'opened') AND expires_at > :now\",",
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "a session is opened after its time",
        "redirect_session/store.py",
        "\"WHERE id = :id AND status = 'created' AND expires_at > :now\",",
        "\"WHERE id = :id AND status = 'created' AND expires_at > :now - 3600000\",",
        ("tests/redirect_session",),
    ),
    Broken(
        "a visit is completed after its time",
        "redirect_session/store.py",
        "\"WHERE id = :id AND status = 'opened' AND expires_at > :now\",\n            id=session_id,\n            new=new.value,",
        "\"WHERE id = :id AND status = 'opened' AND :now > 0\",\n            id=session_id,\n            new=new.value,",
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "a completed visit is opened again",
        "redirect_session/store.py",
        "AND status IN ('abandoned', 'returned') AND outcome = 'abandoned'",
        "AND status IN ('abandoned', 'returned', 'completed')",
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "two tabs overwrite each other's draft",
        "redirect_session/store.py",
        '"person = COALESCE(:person, person) "\n            "WHERE id = :id AND draft_revision = :revision AND',
        '"person = COALESCE(:person, person) "\n            "WHERE id = :id AND :revision >= 0 AND',
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "retention deletes visits that are under way",
        "redirect_session/store.py",
        "ORDER BY id LIMIT :limit) AND status NOT IN ('created', 'opened')\",",
        "ORDER BY id LIMIT :limit) AND status <> 'created'\",",
        ("tests/redirect_session", "tests/storage"),
    ),
    Broken(
        "a living session past its end is shown as living",
        "redirect_session/model.py",
        "now >= self.expires_at else",
        "now > self.expires_at + 1000 else",
        ("tests/redirect_session", "tests/flows"),
    ),
    Broken(
        "any browser may go on with a visit",
        "redirect_session/actions.py",
        "    if browser_secret is None or session.browser_hash is None:\n        return False",
        "    if browser_secret is None or session.browser_hash is None:\n        return True",
        ("tests/redirect_session", "tests/flows", "tests/web"),
    ),
    Broken(
        "a form of a later step is taken",
        "flows/runner.py",
        "next((page for page in (step, *step.alternatives) if page.name == segment), None) if step else None",
        "step",
        ("tests/flows", "tests/web"),
    ),
    Broken(
        "a callback of a creation is not judged",
        "flows/create.py",
        "judged[name] = allow_list.require(client, site.mode, Rule.REDIRECT_DOMAIN, url, field, now=now)",
        "judged[name] = url",
        ("tests/redirect_session", "tests/flows", "tests/api"),
    ),
    Broken(
        "a token of one client makes sessions for another",
        "flows/create.py",
        "caller.site_id != site.id or (not isinstance(caller, ApiKey | App) and caller.client_id != client.id)",
        "caller.site_id != site.id",
        ("tests/flows", "tests/redirect_session", "tests/oauth", "tests/api"),
    ),
    Broken(
        "an answer with a code may be had again for ever",
        "flows/ending.py",
        "if is_again and limit is not None and edge.now - session.changed_at > limit:",
        "if is_again and limit is not None and edge.now - session.changed_at > limit * 1000:",
        ("tests/flows", "tests/oauth"),
    ),
    Broken(
        "a code works twice",
        "oauth/store.py",
        '" WHERE code_hash = :code_hash AND used_at IS NULL AND expires_at > :now",',
        '" WHERE code_hash = :code_hash AND expires_at > :now",',
        ("tests/oauth",),
    ),
    Broken(
        "a code outlives its time",
        "oauth/store.py",
        '" WHERE code_hash = :code_hash AND used_at IS NULL AND expires_at > :now",',
        '" WHERE code_hash = :code_hash AND used_at IS NULL AND :now > 0",',
        ("tests/oauth",),
    ),
    Broken(
        "the verifier is not compared",
        "oauth/pkce.py",
        "not same(challenge(verifier, method), code_challenge)",
        "not challenge(verifier, method)",
        ("tests/oauth",),
    ),
    Broken(
        "a verifier without a challenge is taken",
        "oauth/pkce.py",
        "        if verifier:\n            raise",
        '        if verifier == "":\n            raise',
        ("tests/oauth",),
    ),
    Broken(
        "a revoked grant makes tokens",
        "oauth/grants.py",
        '    if grant.revoked_at is not None:\n        return "was revoked"',
        '    if grant.revoked_at == 0:\n        return "was revoked"',
        ("tests/oauth",),
    ),
    Broken(
        "a blocked member's grant makes tokens",
        "oauth/grants.py",
        "if member is None or not member.is_active:",
        "if member is None:",
        ("tests/oauth", "tests/members"),
    ),
    Broken(
        "a refresh token is replaced twice",
        "oauth/store.py",
        'rotated_at = :now, used_at = :now,"\n'
        '            " expires_at = CASE WHEN :idle_end < hard_end_at THEN :idle_end ELSE hard_end_at END"\n'
        '            " WHERE id = :id AND refresh_hash = :refresh_hash AND',
        'rotated_at = :now, used_at = :now,"\n'
        '            " expires_at = CASE WHEN :idle_end < hard_end_at THEN :idle_end ELSE hard_end_at END"\n'
        "            \" WHERE id = :id AND :refresh_hash <> '' AND",
        ("tests/oauth",),
    ),
    Broken(
        "an old refresh token works for an hour",
        "oauth/grants.py",
        "now - grant.rotated_at > GRACE",
        "now - grant.rotated_at > GRACE * 60",
        ("tests/oauth",),
    ),
    Broken(
        "six digits may be guessed ten times",
        "credentials/one_time_code.py",
        "issued_after=now - LIFE[purpose], most=MAX_TRIES)",
        "issued_after=now - LIFE[purpose], most=MAX_TRIES * 2)",
        ("tests/credentials", "tests/members"),
    ),
    Broken(
        "digits work after their time",
        "credentials/one_time_code.py",
        "issued_after=now - LIFE[purpose], most",
        "issued_after=0, most",
        ("tests/credentials", "tests/members", "tests/oauth"),
    ),
    Broken(
        "wrong guesses are not counted by address",
        "credentials/throttle.py",
        '            (f"{self.scope}\\0address\\0{self.address}", ADDRESS),\n',
        "",
        ("tests/credentials", "tests/members"),
    ),
    Broken(
        "an owed thing is paid twice",
        "payments/store.py",
        'AND owed_kind = :kind AND owed_id = :id AND captured_by IS NULL AND NOT EXISTS "',
        'AND owed_kind = :kind AND owed_id = :id AND NOT EXISTS "',
        ("tests/payments",),
    ),
    Broken(
        "a redirect session takes two payments",
        "payments/store.py",
        'WHERE other.session_id = payment.session_id AND other.captured_by IS NOT NULL)"',
        "WHERE other.session_id = payment.session_id AND other.captured_by = 'nobody')\"",
        ("tests/payments",),
    ),
    Broken(
        "late money that went back counts as what the visit paid",
        "payments/refunds/actions.py",
        "store.free_session(tx, attempt)",
        "store.attempt(tx, attempt.id)",
        ("tests/flows",),
    ),
    Broken(
        "more is given back than came in",
        "payments/refunds/store.py",
        "AND refunded_units + :units <= captured_units",
        "AND :units <= captured_units",
        ("tests/payments",),
    ),
    Broken(
        "a report is applied twice",
        "payments/store.py",
        '"WHERE site_id = :site_id AND provider = :provider AND event_id = :event_id AND applied_at IS NULL",',
        '"WHERE site_id = :site_id AND provider = :provider AND event_id = :event_id",',
        ("tests/payments",),
    ),
    Broken(
        "another amount than the one owed counts",
        "payments/settle.py",
        "is_right = money == attempt.amount",
        "is_right = bool(money)",
        ("tests/payments",),
    ),
    Broken(
        "money in another currency counts",
        "payments/settle.py",
        "is_right = money == attempt.amount",
        "is_right = money.units == attempt.units",
        ("tests/payments",),
    ),
    Broken(
        "a report of another site counts",
        "payments/settle.py",
        "attempt is None or attempt.site_id != report.site_id or",
        "attempt is None or",
        ("tests/payments",),
    ),
    Broken(
        "the last item is sold twice",
        "ecom/catalogue/store.py",
        "quantity + :delta >= 0",
        "quantity + :delta >= -1",
        ("tests/ecom",),
    ),
    Broken(
        "stock of an order that was released is held longer",
        "ecom/orders/store.py",
        "status = 'INITIALIZED' AND stock = 'held' AND hold_ends_at > :now",
        "status = 'INITIALIZED' AND hold_ends_at > :now - 1000000",
        ("tests/ecom",),
    ),
    Broken(
        "a hold is released before its end",
        "ecom/orders/store.py",
        '" AND (:always OR hold_ends_at <= :now)",',
        '" AND (:always OR :now > 0)",',
        ("tests/ecom",),
    ),
    Broken(
        "an order is paid twice over by its state",
        "ecom/orders/store.py",
        "\" WHERE id = :id AND status = 'APPROVED' AND payment IN ('NOT_PAID', 'PENDING')\",",
        "\" WHERE id = :id AND status = 'APPROVED'\",",
        ("tests/ecom",),
    ),
    Broken(
        "a price that changed is charged unseen",
        "workflows/place_order.py",
        "    if changes:\n        found",
        "    if not changes and changes:\n        found",
        ("tests/ecom", "tests/flows"),
    ),
    Broken(
        "a completed checkout is placed again",
        "workflows/place_order.py",
        "known is not None and (checkout.is_completed or known.status is Status.PENDING)",
        "known is not None and known.status is Status.PENDING",
        ("tests/ecom", "tests/flows"),
    ),
    Broken(
        "late money brings an order back whatever is left",
        "workflows/order_seller.py",
        "if taken is not None and not taken.missing:",
        "if taken is not None:",
        ("tests/ecom",),
    ),
    Broken(
        "a visit is complete although something is left to do",
        "flows/paid.py",
        "    if current_step(visit) is not None:\n        return False",
        "    if visit is None:\n        return False",
        ("tests/flows",),
    ),
    Broken(
        "an event is handed out twice",
        "storage/outbox.py",
        '_FINISH = "UPDATE outbox SET done_at = :now WHERE id = :id AND done_at IS NULL"',
        '_FINISH = "UPDATE outbox SET done_at = NULL WHERE id = :id AND done_at IS NULL AND :now > 0"',
        ("tests/storage",),
    ),
    Broken(
        "someone else's session token logs in",
        "flows/site_login.py",
        "or not same(key, resume_key(browser_secret)):",
        "or not key:",
        ("tests/flows", "tests/web"),
    ),
)
