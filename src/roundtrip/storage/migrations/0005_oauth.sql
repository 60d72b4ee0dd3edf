-- Grants with their refresh tokens, authorization codes, signing keys, and what was revoked before its time.
-- Ids point at other rooms without a foreign key: every visitor makes a grant, and a locked client row would be a queue for all of them.

CREATE TABLE oauth_grant (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  visitor_id TEXT,
  member_id TEXT,
  login_id TEXT,
  scope TEXT NOT NULL,
  -- The token that renews this grant now. A rotating client replaces it; the grant is the family.
  refresh_hash TEXT,
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  hard_end_at BIGINT NOT NULL,
  revoked_at BIGINT,
  CHECK ((visitor_id IS NULL) <> (member_id IS NULL))
);

CREATE INDEX oauth_grant_member ON oauth_grant (member_id) WHERE member_id IS NOT NULL;

CREATE TABLE authorization_code (
  code_hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  redirect_uri TEXT,
  code_challenge TEXT,
  code_challenge_method TEXT,
  member_id TEXT NOT NULL,
  login_id TEXT,
  scope TEXT NOT NULL,
  nonce TEXT,
  redirect_session_id TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  grant_id TEXT
);

CREATE INDEX authorization_code_expires_at ON authorization_code (expires_at);

CREATE TABLE signing_key (
  kid TEXT PRIMARY KEY,
  alg TEXT NOT NULL,
  generation BIGINT NOT NULL,
  private_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  retired_at BIGINT,
  -- Two servers that start at once on an empty database must not make two first keys.
  UNIQUE (alg, generation)
);

CREATE TABLE revocation (
  subject TEXT PRIMARY KEY,
  revoked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX revocation_revoked_at ON revocation (revoked_at);
CREATE INDEX revocation_expires_at ON revocation (expires_at);
