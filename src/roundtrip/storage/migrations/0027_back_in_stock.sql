-- Who wants to be told when goods are back, and which goods are back. And an index for recommendations.

-- `status` is RECEIVED while somebody waits, and NOTIFICATION_SENT once the mail is on its way. `client_id` is the client whose list
-- decides whether the mail may link to `item_url`; `options` is JSON, as sent.
CREATE TABLE back_in_stock_request (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  app_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  variant_id TEXT NOT NULL,
  options TEXT NOT NULL,
  item_url TEXT NOT NULL,
  language TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('RECEIVED', 'NOTIFICATION_SENT')),
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Nobody waits twice for the same, and who waits for it is found without reading those who wait for something else.
CREATE UNIQUE INDEX back_in_stock_waiting ON back_in_stock_request (site_id, product_id, variant_id, email_key) WHERE status = 'RECEIVED';
CREATE INDEX back_in_stock_of_person ON back_in_stock_request (site_id, email_key, status);
CREATE INDEX back_in_stock_by_age ON back_in_stock_request (site_id, created_at, id);
CREATE INDEX back_in_stock_kept ON back_in_stock_request (changed_at);

-- Goods that came back while somebody waited: what the worker still has to tell. `version` counts how often they came.
CREATE TABLE back_in_stock_due (
  site_id TEXT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  product_id TEXT NOT NULL,
  variant_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (site_id, product_id, variant_id)
);

-- Recommendations go from one visible product to the next.
CREATE INDEX product_shown ON product (site_id, id) WHERE visible;
