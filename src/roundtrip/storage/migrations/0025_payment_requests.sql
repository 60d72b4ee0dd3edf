-- An owner asks for the money of an order: a link, which can be paid once.

CREATE TABLE payment_request (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  order_id TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  cancelled_at BIGINT, -- NULL: it can be paid
  expires_at BIGINT, -- NULL: for as long as the order can be paid
  created_at BIGINT NOT NULL
);

CREATE INDEX payment_request_of_order ON payment_request (site_id, order_id, id);
