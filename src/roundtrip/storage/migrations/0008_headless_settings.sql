-- What owners set: how a client gets its tokens, its secrets, and what a site asks of its members.

ALTER TABLE client ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN technology TEXT NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN tokens TEXT NOT NULL DEFAULT '{}';
ALTER TABLE client DROP COLUMN refresh_token_rotation;

CREATE TABLE client_secret (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL, -- the last four characters, so that people can tell them apart
  created_at BIGINT NOT NULL,
  expires_at BIGINT -- NULL: the current one; a replaced one lives on for a while
);

CREATE INDEX client_secret_of_client ON client_secret (client_id, id);

ALTER TABLE api_key ADD COLUMN hint TEXT NOT NULL DEFAULT '';
CREATE INDEX api_key_of_site ON api_key (site_id, id);

ALTER TABLE site ADD COLUMN pages_url TEXT;
ALTER TABLE site ADD COLUMN require_owner_approval BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE site ADD COLUMN require_email_verification BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE site ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX site_pages_url ON site (pages_url);
