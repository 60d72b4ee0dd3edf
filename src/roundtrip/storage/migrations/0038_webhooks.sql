-- Telling the world: numbers of domain events, endpoints of sites, what they are told, and where readers of the feed are.

ALTER TABLE outbox ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0; -- the how-manieth event of its entity; 0: from before they were counted
ALTER TABLE outbox ADD COLUMN position BIGINT; -- its place in the feed, given when it is taken; never the same twice
ALTER TABLE outbox ADD COLUMN is_erasure BOOLEAN NOT NULL DEFAULT FALSE; -- somebody is forgotten: whoever copied, forgets too

-- Holds only events that are not taken yet; mails that wait have their own.
CREATE INDEX outbox_untold ON outbox (id) WHERE done_at IS NULL AND entity <> 'mail';
DROP INDEX outbox_waiting;
CREATE INDEX outbox_position ON outbox (site_id, position) WHERE position IS NOT NULL;

CREATE TABLE event_count ( -- nothing personal: how many events there were of each thing, by its id
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (entity, entity_id)
);

-- One row, made by the first. Whoever holds it gives out positions; the others go on with something else.
CREATE TABLE event_position ( -- nothing personal: a number
  name TEXT PRIMARY KEY,
  last BIGINT NOT NULL
);

CREATE TABLE event_reader ( -- nothing personal: up to where a site's own program has read
  site_id TEXT NOT NULL,
  name TEXT NOT NULL,
  position BIGINT NOT NULL, -- acknowledged up to here
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, name)
);

CREATE TABLE webhook_endpoint ( -- nothing personal: where a site is told what happened
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  events TEXT NOT NULL, -- names and wildcards, as a JSON list
  envelope TEXT NOT NULL,
  client_id TEXT, -- whose key signs the envelope `jwt`
  disabled_at BIGINT,
  disabled_because TEXT,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE INDEX webhook_endpoint_of_site ON webhook_endpoint (site_id, id);

-- Private halves are sealed. `holder_id`: an endpoint, or for the envelope `jwt` a client, all of whose endpoints share it.
CREATE TABLE webhook_key ( -- nothing personal: what deliveries are signed with
  id TEXT PRIMARY KEY,
  holder_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- v1, v1a or rs256
  sealed TEXT NOT NULL,
  public_half TEXT, -- NULL: a shared secret has none
  hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  signs_from BIGINT NOT NULL,
  expires_at BIGINT -- NULL: the current one
);

CREATE INDEX webhook_key_of_holder ON webhook_key (holder_id, id);

-- One for each endpoint: when something is due there, who is at it, and how it has answered lately.
CREATE TABLE webhook_lane ( -- nothing personal: when an endpoint is told next
  endpoint_id TEXT PRIMARY KEY,
  due_at BIGINT, -- NULL: nothing waits
  held_by TEXT,
  held_until BIGINT NOT NULL,
  failures BIGINT NOT NULL, -- in a row
  failing_since BIGINT,
  paused_until BIGINT NOT NULL
);

CREATE INDEX webhook_lane_due ON webhook_lane (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE webhook_delivery ( -- nothing personal: which event went where, by ids
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  slug TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  status TEXT NOT NULL, -- waiting, delivered, failed
  attempts BIGINT NOT NULL, -- all of them
  tries BIGINT NOT NULL, -- since it was last asked for: what the schedule counts
  due_at BIGINT, -- NULL: it has ended
  last_status BIGINT,
  last_error TEXT,
  last_at BIGINT,
  created_at BIGINT NOT NULL,
  UNIQUE (event_id, endpoint_id)
);

CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_of_endpoint ON webhook_delivery (endpoint_id, id);
CREATE INDEX webhook_delivery_of_site ON webhook_delivery (site_id, id);
CREATE INDEX webhook_delivery_of_entity ON webhook_delivery (entity_id, id);
CREATE INDEX webhook_delivery_undelivered ON webhook_delivery (site_id, id) WHERE status <> 'delivered';

CREATE TABLE webhook_attempt ( -- nothing personal: what a receiver answered, as a status
  delivery_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  took BIGINT NOT NULL, -- milliseconds
  status BIGINT, -- NULL: there was no answer
  error TEXT,
  address TEXT, -- that was connected to
  next_at BIGINT,
  PRIMARY KEY (delivery_id, number)
);
