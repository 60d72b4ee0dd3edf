-- Mails wait in the outbox and are tried again; on test sites they are caught instead of sent.

ALTER TABLE outbox ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN outcome TEXT; -- mails: sent, caught, refused or given_up, set together with done_at
ALTER TABLE outbox ADD COLUMN last_error TEXT; -- mails: why the last try failed, for operators

-- In order of the time from which a mail may be tried: idle looking costs one step, however much waits for later.
CREATE INDEX outbox_waiting_mail ON outbox (claimed_until, id) WHERE entity = 'mail' AND done_at IS NULL;

CREATE TABLE caught_mail (
  id TEXT PRIMARY KEY, -- the id of its outbox event
  site_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  sealed TEXT NOT NULL, -- the two bodies: they carry codes
  caught_at BIGINT NOT NULL
);

CREATE INDEX caught_mail_of_site ON caught_mail (site_id, id);
CREATE INDEX caught_mail_caught_at ON caught_mail (caught_at);
