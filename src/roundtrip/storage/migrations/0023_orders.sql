-- What was bought, what was sent of it, and what happened to it.

-- The last number that an order of a site was given.
CREATE TABLE order_counter (
  site_id TEXT NOT NULL PRIMARY KEY REFERENCES site (id),
  last_number BIGINT NOT NULL
);

-- `content` is JSON that stays as it was bought. `stock` is held, kept or released, and moves together with `status` in one statement.
CREATE TABLE shop_order (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  number BIGINT NOT NULL,
  checkout_id TEXT NOT NULL,
  cart_id TEXT,
  visitor_id TEXT,
  member_id TEXT,
  status TEXT NOT NULL,
  payment TEXT NOT NULL,
  fulfilment TEXT NOT NULL,
  stock TEXT NOT NULL,
  hold_ends_at BIGINT,
  pays_later BOOLEAN NOT NULL,
  currency TEXT NOT NULL,
  total_units BIGINT NOT NULL CHECK (total_units >= 0),
  refunded_units BIGINT NOT NULL CHECK (refunded_units >= 0 AND refunded_units <= total_units),
  is_archived BOOLEAN NOT NULL,
  email_key TEXT NOT NULL,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  approved_at BIGINT,
  UNIQUE (site_id, number)
);

CREATE INDEX shop_order_by_age ON shop_order (site_id, created_at, id);
CREATE INDEX shop_order_by_change ON shop_order (site_id, updated_at, id);
CREATE INDEX shop_order_of_member ON shop_order (site_id, member_id, created_at, id);
CREATE INDEX shop_order_of_visitor ON shop_order (site_id, visitor_id, created_at, id);
CREATE INDEX shop_order_of_email ON shop_order (site_id, email_key, created_at, id);
-- Holds only what will be released: looking for the next one costs the same however many orders are kept.
CREATE INDEX shop_order_hold ON shop_order (hold_ends_at) WHERE stock = 'held' AND hold_ends_at IS NOT NULL;

CREATE TABLE order_parcel (
  id TEXT NOT NULL PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES shop_order (id),
  lines TEXT NOT NULL,
  tracking TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX order_parcel_of_order ON order_parcel (order_id, id);

CREATE TABLE order_activity (
  id TEXT NOT NULL PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES shop_order (id),
  type TEXT NOT NULL,
  note TEXT NOT NULL,
  position BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX order_activity_of_order ON order_activity (order_id, position, id);
