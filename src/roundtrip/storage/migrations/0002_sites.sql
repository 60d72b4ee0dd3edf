-- Tenants, their OAuth clients and their API keys.
CREATE TABLE site (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
  language TEXT NOT NULL,
  home_url TEXT,
  theme TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE client (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  name TEXT NOT NULL,
  application_type TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,
  redirect_domains TEXT NOT NULL,
  post_logout_uris TEXT NOT NULL,
  login_url TEXT,
  logout_url TEXT,
  refresh_token_rotation BOOLEAN NOT NULL,
  signed_result BOOLEAN NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX client_of_site ON client (site_id, id);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  permissions TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
