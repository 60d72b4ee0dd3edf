-- Who runs the shops: accounts of the dashboard, their second factors, and the browsers they are logged in with.
-- Links to join are one-time codes.

CREATE TABLE owner (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  totp_secret TEXT, -- sealed
  totp_confirmed_at BIGINT, -- NULL: shown to the owner, not yet proved
  totp_step BIGINT NOT NULL, -- the last time step that was accepted: a code works once
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  removed_at BIGINT
);

CREATE TABLE owner_recovery_code (
  code_hash TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
  used_at BIGINT
);

CREATE INDEX owner_recovery_code_of_owner ON owner_recovery_code (owner_id);

CREATE TABLE owner_login (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  browser TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  proved_at BIGINT, -- when the second factor was shown; NULL: the password only, and one is needed
  ended_at BIGINT
);

CREATE INDEX owner_login_of_owner ON owner_login (owner_id);
