-- Members, the browsers they are logged in with, and the one-use session tokens of the identity API.
-- Ids point at other rooms without a foreign key; inside the room they are enforced.

CREATE TABLE member (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  status TEXT NOT NULL,
  password_hash TEXT,
  nickname TEXT,
  first_name TEXT,
  last_name TEXT,
  slug TEXT NOT NULL,
  profile TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (site_id, email_key)
);

CREATE TABLE login (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  member_id TEXT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);

CREATE INDEX login_member ON login (member_id);
CREATE INDEX login_created_at ON login (created_at);

CREATE TABLE session_token (
  token_hash TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  member_id TEXT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  login_id TEXT REFERENCES login (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  spent_at BIGINT
);

CREATE INDEX session_token_expires_at ON session_token (expires_at);
CREATE INDEX session_token_member ON session_token (member_id);
CREATE INDEX session_token_login ON session_token (login_id) WHERE login_id IS NOT NULL;
