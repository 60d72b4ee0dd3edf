-- Refresh tokens that rotate, and signing keys that are known before they sign.

-- The token before the current one and since when: whoever repeats it at once, because the answer got lost, gets the same answer again.
ALTER TABLE oauth_grant ADD COLUMN previous_hash TEXT;
ALTER TABLE oauth_grant ADD COLUMN rotated_at BIGINT;

-- 0: at once. `retired_at` may lie ahead: until then the key verifies.
ALTER TABLE signing_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;
