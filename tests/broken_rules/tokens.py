"""Rules of codes, grants and tokens, and of what a stranger may guess."""

from __future__ import annotations

from tests.broken_rules.broken import Broken

TOKENS = (
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
        "a replaced refresh token leaves its family alive",
        "oauth/token_grants.py",
        "            if client.tokens.refresh_token_rotation and grant.revoked_at is None:\n                raise FamilyEndedError",
        "            if client.tokens.refresh_token_rotation and grant.revoked_at == 0:\n                raise FamilyEndedError",
        ("tests/oauth/test_rotation.py",),
    ),
    Broken(
        "a refresh token that rotates lives for ever",
        "oauth/store.py",
        '" expires_at = CASE WHEN :idle_end < hard_end_at THEN :idle_end ELSE hard_end_at END"\n            " WHERE',
        '" expires_at = :idle_end"\n            " WHERE',
        ("tests/oauth/test_rotation.py",),
    ),
    Broken(
        "a code is redeemed by another client",
        "oauth/token_grants.py",
        "if found is None or found.client_id != client.client.id:",
        "if found is None:",
        ("tests/oauth/test_code_exchange.py",),
    ),
)
