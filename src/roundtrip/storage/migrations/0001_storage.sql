-- Domain events that wait to be delivered, and answers kept for repeated requests.

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY, -- time-ordered, so that rows are only ever added at the end
    site_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    slug TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    body TEXT NOT NULL,
    identity TEXT,
    occurred_at BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    done_at BIGINT
);

-- Holds only what waits: finding it costs the same however many events are kept.
CREATE INDEX outbox_waiting ON outbox (id) WHERE done_at IS NULL;

CREATE TABLE idempotency_key (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
