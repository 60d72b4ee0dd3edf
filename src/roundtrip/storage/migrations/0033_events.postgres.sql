-- What takes place, and what tickets there are for it. Texts that are sorted or searched by their beginning are compared code point by
-- code point on both databases: on PostgreSQL the column says so, and nothing else differs between the two files.

-- `status` is DRAFT, UPCOMING, STARTED, ENDED or CANCELED; at `moves_at` the clock moves it on. `guests` counts who said yes, of at most
-- `guest_limit` (NULL: as many as like).
CREATE TABLE event ( -- nothing personal: what a site has
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  slug TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  title_key TEXT COLLATE "C" NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('DRAFT', 'UPCOMING', 'STARTED', 'ENDED', 'CANCELED')),
  registration TEXT NOT NULL CHECK (registration IN ('TICKETING', 'RSVP', 'EXTERNAL', 'NONE')),
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  zone TEXT NOT NULL,
  recurrence_id TEXT NOT NULL,
  guest_limit BIGINT,
  guests BIGINT NOT NULL,
  moves_at BIGINT,
  terms TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, slug)
);

CREATE INDEX event_by_start ON event (site_id, starts_at, id);
CREATE INDEX event_by_age ON event (site_id, created_at, id);
CREATE INDEX event_by_title ON event (site_id, title_key, id);
-- Holds only what is still to come or going on: looking for the next one costs the same however many have been.
CREATE INDEX event_moves ON event (moves_at) WHERE moves_at IS NOT NULL;

-- `taken` counts what is held or sold, of at most `stock` (NULL: as many as like); `sold` what is sold.
CREATE TABLE ticket_definition ( -- nothing personal: what a site sells
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  hidden BOOLEAN NOT NULL,
  position BIGINT NOT NULL,
  stock BIGINT,
  taken BIGINT NOT NULL CHECK (taken >= 0),
  sold BIGINT NOT NULL,
  terms TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  FOREIGN KEY (site_id, event_id) REFERENCES event (site_id, id) ON DELETE CASCADE
);

CREATE INDEX ticket_definition_of_event ON ticket_definition (site_id, event_id, position, created_at, id);
CREATE INDEX ticket_definition_in_order ON ticket_definition (site_id, position, created_at, id);
CREATE INDEX ticket_definition_by_age ON ticket_definition (site_id, created_at, id);

-- Categories of a site, policies and items of the schedule of an event. `content` is JSON; `event_id` is empty for categories.
CREATE TABLE event_part ( -- nothing personal: what a site says about what takes place
  site_id TEXT NOT NULL REFERENCES site (id),
  kind TEXT NOT NULL CHECK (kind IN ('category', 'policy', 'schedule_item')),
  id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, kind, id)
);

CREATE INDEX event_part_in_order ON event_part (site_id, kind, event_id, position, created_at, id);

CREATE TABLE event_in_category ( -- nothing personal: which event belongs where
  site_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  category_id TEXT NOT NULL,
  PRIMARY KEY (site_id, event_id, category_id),
  FOREIGN KEY (site_id, event_id) REFERENCES event (site_id, id) ON DELETE CASCADE
);

CREATE INDEX event_in_category_by_category ON event_in_category (site_id, category_id, event_id);
