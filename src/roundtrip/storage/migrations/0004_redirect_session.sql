-- One row per redirect session. Ids are time-ordered, so the primary key and the listing index grow at their end.
CREATE TABLE redirect_session (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  intent TEXT NOT NULL,
  status TEXT NOT NULL,
  outcome TEXT,
  caller_kind TEXT NOT NULL,
  caller_id TEXT,
  caller_grant_id TEXT,
  caller_login_id TEXT,
  language TEXT NOT NULL,
  request TEXT NOT NULL,
  entry_hash TEXT NOT NULL,
  browser_hash TEXT,
  draft TEXT,
  draft_revision BIGINT NOT NULL,
  result TEXT,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX redirect_session_of_site ON redirect_session (site_id, id);

-- What the worker tidies up. Only the living are in it, so it stays as small as the number of visits under way.
CREATE INDEX redirect_session_expiring ON redirect_session (expires_at) WHERE status IN ('created', 'opened');
