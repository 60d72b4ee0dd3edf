-- What happened to a redirect session after it was created, and which addresses were refused.

-- The row of the session itself is its first moment. `number` is the order; two transactions that were at it together may share one,
-- and then `id` decides. An id is that of the domain event of the same move, where there is one.
CREATE TABLE redirect_session_moment (
  session_id TEXT NOT NULL REFERENCES redirect_session (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (session_id, number, id)
);

-- One row per client, rule and address: how often, when first and last, and from where. Nothing about visitors.
CREATE TABLE refusal (
  id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
  rule TEXT NOT NULL,
  address TEXT NOT NULL, -- without query and fragment, cut to 512 characters
  left_out TEXT NOT NULL, -- which of these the address had: query, fragment, end
  reason TEXT NOT NULL,
  place TEXT NOT NULL,
  session_id TEXT,
  count BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  UNIQUE (client_id, rule, address)
);

CREATE INDEX refusal_of_site ON refusal (site_id, last_at);
CREATE INDEX refusal_last_at ON refusal (last_at);
