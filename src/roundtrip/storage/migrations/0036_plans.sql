-- What members subscribe to, what they have bought of it, what they were charged, and what it paid for.

CREATE TABLE plan ( -- nothing personal: what a site offers
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  is_primary BOOLEAN NOT NULL,
  is_hidden BOOLEAN NOT NULL,
  is_archived BOOLEAN NOT NULL,
  position BIGINT NOT NULL,
  terms TEXT NOT NULL,
  details TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id)
);

CREATE UNIQUE INDEX plan_slug ON plan (site_id, slug);
CREATE INDEX plan_in_order ON plan (site_id, position, created_at, id);

-- Times are those of the site's plans (plan_clock), in UTC milliseconds.
CREATE TABLE plan_order (
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  member_id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('ONLINE', 'OFFLINE')),
  status TEXT NOT NULL CHECK (status IN ('DRAFT', 'PENDING', 'ACTIVE', 'PAUSED', 'ENDED', 'CANCELED')),
  paid TEXT NOT NULL CHECK (paid IN ('PAID', 'REFUNDED', 'FAILED', 'UNPAID', 'PENDING', 'NOT_APPLICABLE')),
  starts_at BIGINT NOT NULL,
  first_cycle_at BIGINT NOT NULL, -- where cycles are counted from
  ends_at BIGINT, -- NULL: nobody knows yet
  cycle BIGINT NOT NULL, -- 0: the trial
  cycle_starts_at BIGINT NOT NULL,
  cycle_ends_at BIGINT, -- NULL: it never ends
  renews BOOLEAN NOT NULL,
  cancel_cause TEXT,
  cancel_effect TEXT,
  canceled_at BIGINT, -- when that was said
  paused_at BIGINT,
  failures BIGINT NOT NULL, -- refused charges of the next cycle
  due_at BIGINT, -- when the worker looks at it; NULL: nothing happens by itself
  session_id TEXT,
  email_key TEXT NOT NULL,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id)
);

CREATE INDEX plan_order_of_member ON plan_order (site_id, member_id, created_at, id) WHERE member_id IS NOT NULL;
CREATE INDEX plan_order_of_plan ON plan_order (site_id, plan_id, member_id);
CREATE INDEX plan_order_of_address ON plan_order (site_id, email_key);
CREATE INDEX plan_order_of_session ON plan_order (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX plan_order_by_age ON plan_order (site_id, created_at, id);
CREATE INDEX plan_order_draft ON plan_order (updated_at) WHERE status = 'DRAFT';
-- What is still to be done: of all sites, and of those whose clock is ahead.
CREATE INDEX plan_order_due ON plan_order (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX plan_order_due_of_site ON plan_order (site_id, due_at) WHERE due_at IS NOT NULL;

-- What is owed for one cycle of an order: the id is what payments call it. The first one has the id of the order.
CREATE TABLE plan_charge (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  cycle BIGINT NOT NULL,
  units BIGINT NOT NULL,
  currency TEXT NOT NULL,
  attempt_id TEXT, -- the payment that counts
  paid_at BIGINT,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, order_id, cycle),
  FOREIGN KEY (site_id, order_id) REFERENCES plan_order (site_id, id) ON DELETE CASCADE
);

-- How much of a benefit is used in one period: a cycle, or (0) the whole order.
CREATE TABLE plan_credit ( -- nothing personal: counts of an order
  site_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  period BIGINT NOT NULL,
  used BIGINT NOT NULL CHECK (used >= 0),
  PRIMARY KEY (site_id, order_id, service_id, period),
  FOREIGN KEY (site_id, order_id) REFERENCES plan_order (site_id, id) ON DELETE CASCADE
);

-- What a booking took, so that it is taken and given back once.
CREATE TABLE plan_credit_use ( -- nothing personal: it names an order and a booking
  site_id TEXT NOT NULL,
  booking_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  period BIGINT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  used_at BIGINT NOT NULL,
  returned_at BIGINT,
  PRIMARY KEY (site_id, booking_id),
  FOREIGN KEY (site_id, order_id) REFERENCES plan_order (site_id, id) ON DELETE CASCADE
);

CREATE INDEX plan_credit_use_of_order ON plan_credit_use (site_id, order_id, used_at);

-- How far the plans of a test site are ahead of the time.
CREATE TABLE plan_clock ( -- nothing personal: a number of a test site
  site_id TEXT NOT NULL PRIMARY KEY REFERENCES site (id),
  ahead_ms BIGINT NOT NULL CHECK (ahead_ms > 0)
);
