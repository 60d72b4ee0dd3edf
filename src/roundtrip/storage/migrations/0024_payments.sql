-- How visitors pay what they owe, what payment providers said about it, what was given back, and how each site is paid.
-- Ids point at other rooms without a foreign key; inside the room they are enforced.

-- One row per owed thing, made when its first attempt begins. `captured_by` is set once: this is what keeps anybody from paying twice.
CREATE TABLE payment (
  site_id TEXT NOT NULL,
  owed_kind TEXT NOT NULL,
  owed_id TEXT NOT NULL,
  session_id TEXT,
  attempts BIGINT NOT NULL,
  captured_by TEXT, -- the attempt whose money counts
  captured_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, owed_kind, owed_id)
);

-- One redirect session takes at most one payment, whatever it is that it owes.
CREATE UNIQUE INDEX payment_of_session ON payment (session_id) WHERE session_id IS NOT NULL AND captured_by IS NOT NULL;

CREATE TABLE payment_attempt (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  owed_kind TEXT NOT NULL,
  owed_id TEXT NOT NULL,
  session_id TEXT,
  provider TEXT NOT NULL,
  status TEXT NOT NULL,
  units BIGINT NOT NULL CHECK (units > 0), -- in the currency's smallest unit, as every amount here
  currency TEXT NOT NULL,
  description TEXT NOT NULL,
  buyer_email TEXT,
  language TEXT NOT NULL,
  return_path TEXT NOT NULL, -- on our own host
  page_ref TEXT, -- the provider's name of the hosted page
  page_url TEXT, -- where that page is
  payment_ref TEXT, -- the provider's name of the money
  captured_units BIGINT NOT NULL DEFAULT 0,
  refunded_units BIGINT NOT NULL DEFAULT 0,
  reason TEXT, -- why it was declined, cancelled or given up
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  expires_at BIGINT, -- NULL: whenever the owner says that the money is there
  look_at BIGINT, -- when the worker looks at it next; NULL: there is nothing to do
  CHECK (refunded_units >= 0 AND refunded_units <= captured_units),
  FOREIGN KEY (site_id, owed_kind, owed_id) REFERENCES payment (site_id, owed_kind, owed_id)
);

-- One running attempt per owed thing: two tabs share it.
CREATE UNIQUE INDEX payment_attempt_running ON payment_attempt (site_id, owed_kind, owed_id)
  WHERE status IN ('created', 'started', 'pending');
CREATE INDEX payment_attempt_of_owed ON payment_attempt (site_id, owed_kind, owed_id, id);
CREATE INDEX payment_attempt_of_site ON payment_attempt (site_id, id);
CREATE INDEX payment_attempt_look_at ON payment_attempt (look_at) WHERE look_at IS NOT NULL;

-- What providers reported, by the provider's own id, before it is applied. No card, no name, no address is in it.
CREATE TABLE payment_report (
  site_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  event_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  report TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL, -- when the worker applies it, if nobody has by then
  tries BIGINT NOT NULL,
  applied_at BIGINT,
  PRIMARY KEY (site_id, provider, event_id)
);

CREATE INDEX payment_report_waiting ON payment_report (due_at) WHERE applied_at IS NULL;
CREATE INDEX payment_report_received_at ON payment_report (received_at);

CREATE TABLE payment_refund (
  id TEXT PRIMARY KEY,
  attempt_id TEXT NOT NULL REFERENCES payment_attempt (id),
  site_id TEXT NOT NULL,
  key TEXT NOT NULL, -- who asks twice with the same key refunds once
  units BIGINT NOT NULL CHECK (units > 0),
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL,
  provider_ref TEXT,
  error TEXT,
  tries BIGINT NOT NULL,
  requested_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  try_at BIGINT, -- when the worker tries it next; NULL: it has ended, or a person moves the money
  UNIQUE (attempt_id, key)
);

CREATE INDEX payment_refund_try_at ON payment_refund (try_at) WHERE try_at IS NOT NULL;
CREATE INDEX payment_refund_of_site ON payment_refund (site_id, id);

CREATE TABLE payment_settings (
  site_id TEXT PRIMARY KEY,
  offline BOOLEAN NOT NULL,
  offline_instructions TEXT NOT NULL,
  stripe_sealed TEXT, -- the two keys of the site's Stripe account
  stripe_hint TEXT, -- how the key begins and ends, so that people know it again
  revision BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
