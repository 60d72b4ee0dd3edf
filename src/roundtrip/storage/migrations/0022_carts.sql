-- How a site sells, what it takes off, sends and taxes, and what visitors are about to buy.

-- One row per site that changed anything about how it sells; without one the defaults hold.
CREATE TABLE shop (
  site_id TEXT NOT NULL PRIMARY KEY REFERENCES site (id),
  terms TEXT NOT NULL, -- JSON
  revision BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- `code_key` is the code as it is compared; `terms` is JSON. Counters and limits are columns, because one statement decides by them.
CREATE TABLE coupon (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  code_key TEXT NOT NULL,
  terms TEXT NOT NULL,
  is_active BOOLEAN NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT,
  usage_limit BIGINT,
  limit_per_customer BIGINT,
  used BIGINT NOT NULL CHECK (used >= 0),
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (site_id, code_key)
);

CREATE INDEX coupon_of_site ON coupon (site_id, id);

-- How often each customer used a coupon that counts them.
CREATE TABLE coupon_customer (
  coupon_id TEXT NOT NULL REFERENCES coupon (id) ON DELETE CASCADE,
  customer TEXT NOT NULL,
  used BIGINT NOT NULL CHECK (used >= 0),
  PRIMARY KEY (coupon_id, customer)
);

CREATE TABLE delivery_option (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  terms TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE INDEX delivery_option_of_site ON delivery_option (site_id, id);

-- Empty country: everywhere. Empty subdivision: the whole country. Empty tax group: the usual kind of goods.
CREATE TABLE tax_rate (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  country TEXT NOT NULL,
  subdivision TEXT NOT NULL,
  tax_group TEXT NOT NULL,
  name TEXT NOT NULL,
  percent TEXT NOT NULL,
  covers_delivery BOOLEAN NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (site_id, country, subdivision, tax_group)
);

-- One cart for each visitor and each member. `details` is JSON: coupon, note, contact, chosen delivery, address to leave to.
CREATE TABLE cart (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  checkout_id TEXT,
  details TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (site_id, owner_kind, owner_id)
);

CREATE INDEX cart_by_age ON cart (updated_at);

-- `key` names the thing itself, so that adding it again adds to the same line.
CREATE TABLE cart_line (
  id TEXT NOT NULL PRIMARY KEY,
  cart_id TEXT NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
  app_id TEXT NOT NULL,
  key TEXT NOT NULL,
  item_id TEXT NOT NULL,
  options TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  position BIGINT NOT NULL,
  UNIQUE (cart_id, key)
);

-- `details` is JSON: lines, people, places, coupon, notes. `order_id` is set by whoever places it first.
CREATE TABLE checkout (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id),
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  cart_id TEXT,
  order_id TEXT,
  is_completed BOOLEAN NOT NULL,
  details TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE INDEX checkout_by_age ON checkout (updated_at);
