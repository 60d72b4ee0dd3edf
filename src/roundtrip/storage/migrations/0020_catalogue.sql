-- What a site sells: products with their variants, and the collections they are in. Texts that are sorted or searched by their beginning
-- are compared code point by code point on both databases: on PostgreSQL the column says so, and nothing else differs between the two files.

-- One row per site that sells. `products` is how many there are, `last_number` the highest number that one was given.
CREATE TABLE catalogue (
  site_id TEXT PRIMARY KEY REFERENCES site (id),
  currency TEXT NOT NULL,
  products BIGINT NOT NULL CHECK (products >= 0),
  last_number BIGINT NOT NULL
);

-- Prices are whole numbers of the currency's smallest unit. `price_rank` is the lowest price after discount in ten-thousandths of the
-- currency's unit, to filter and to sort by. `options`, `media` and `sections` are JSON.
CREATE TABLE product (
  site_id TEXT NOT NULL REFERENCES catalogue (site_id),
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('physical', 'digital')),
  description TEXT NOT NULL,
  visible BOOLEAN NOT NULL,
  currency TEXT NOT NULL,
  price_units BIGINT NOT NULL CHECK (price_units >= 0),
  price_rank BIGINT NOT NULL,
  discount TEXT NOT NULL,
  weight_grams BIGINT,
  manages_variants BOOLEAN NOT NULL,
  options TEXT NOT NULL,
  media TEXT NOT NULL,
  sections TEXT NOT NULL,
  ribbon TEXT NOT NULL,
  brand TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, slug)
);

CREATE INDEX product_by_age ON product (site_id, created_at, id);
CREATE INDEX product_by_change ON product (site_id, updated_at, id);
CREATE INDEX product_by_name ON product (site_id, name_key, id);
CREATE INDEX product_by_price ON product (site_id, price_rank, id);

-- What can be put into a cart. A product that does not manage variants has one row, whose id is all zeros and which holds its stock.
-- `price_units` NULL: that of the product. Tracked stock is counted; the other kind is there or not.
CREATE TABLE product_variant (
  site_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  choices TEXT NOT NULL,
  sku TEXT NOT NULL,
  price_units BIGINT CHECK (price_units >= 0),
  weight_grams BIGINT,
  visible BOOLEAN NOT NULL,
  tracked BOOLEAN NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity >= 0),
  in_stock BOOLEAN NOT NULL,
  PRIMARY KEY (site_id, product_id, id),
  FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) ON DELETE CASCADE
);

CREATE INDEX product_variant_by_sku ON product_variant (site_id, sku);

CREATE TABLE collection (
  site_id TEXT NOT NULL REFERENCES catalogue (site_id),
  id TEXT NOT NULL,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  visible BOOLEAN NOT NULL,
  media TEXT NOT NULL,
  products BIGINT NOT NULL CHECK (products >= 0), -- the visible ones that are in it
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, slug)
);

CREATE INDEX collection_by_age ON collection (site_id, created_at, id);
CREATE INDEX collection_by_name ON collection (site_id, name_key, id);

-- Which products are in which collection; every product is in the one of all products.
CREATE TABLE collection_product (
  site_id TEXT NOT NULL,
  collection_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, collection_id, product_id),
  FOREIGN KEY (site_id, collection_id) REFERENCES collection (site_id, id) ON DELETE CASCADE,
  FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) ON DELETE CASCADE
);

CREATE INDEX collection_product_of_product ON collection_product (site_id, product_id);
