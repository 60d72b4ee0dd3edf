-- What owners changed, how often somebody guessed wrong, and codes that prove that a mail was read.

CREATE TABLE audit_entry (
  id TEXT PRIMARY KEY, -- time-ordered; rows are added and never changed
  site_id TEXT, -- NULL: about the whole installation
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_name TEXT NOT NULL,
  before TEXT,
  after TEXT
);

CREATE INDEX audit_entry_of_site ON audit_entry (site_id, id);
CREATE INDEX audit_entry_of_object ON audit_entry (object_id, id);

CREATE TABLE throttle (
  key TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL
);

CREATE INDEX throttle_failed_at ON throttle (failed_at);

-- The code itself is not here: it is derived from the id and the master secret.
CREATE TABLE one_time_code (
  id TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  site_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  binding TEXT NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);

CREATE INDEX one_time_code_of_subject ON one_time_code (subject_id, purpose) WHERE used_at IS NULL;
CREATE INDEX one_time_code_expires_at ON one_time_code (expires_at);
