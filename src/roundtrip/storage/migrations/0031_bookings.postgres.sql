-- What can be booked, and when. Texts that are sorted or searched by their beginning are compared code point by code point on both
-- databases: on PostgreSQL the column says so, and nothing else differs between the two files.

-- The zone, currency and usual hours of a business; a site without a row has the defaults.
CREATE TABLE booking_business (
  site_id TEXT NOT NULL PRIMARY KEY REFERENCES site (id),
  terms TEXT NOT NULL,
  revision BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- What services are put together from: categories, locations, staff members, policies. `content` is JSON.
CREATE TABLE booking_part (
  site_id TEXT NOT NULL REFERENCES site (id),
  kind TEXT NOT NULL CHECK (kind IN ('category', 'location', 'staff', 'policy')),
  id TEXT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  position BIGINT NOT NULL,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, kind, id)
);

CREATE INDEX booking_part_in_order ON booking_part (site_id, kind, position, created_at, id);

-- One day on which a staff member works other hours than the week says; no periods: a day off. `day` is like 2026-11-28.
CREATE TABLE staff_day (
  site_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  periods TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (site_id, staff_id, day)
);

CREATE TABLE service (
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('APPOINTMENT', 'CLASS', 'COURSE')),
  slug TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  hidden BOOLEAN NOT NULL,
  position BIGINT NOT NULL,
  schedule_id TEXT NOT NULL,
  category_id TEXT NOT NULL,
  terms TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, slug)
);

CREATE INDEX service_in_order ON service (site_id, position, created_at, id);
CREATE INDEX service_by_age ON service (site_id, created_at, id);
CREATE INDEX service_by_name ON service (site_id, name_key, id);

-- Which parts a service has, in which order.
CREATE TABLE service_part (
  site_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  part_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  PRIMARY KEY (site_id, service_id, kind, part_id),
  FOREIGN KEY (site_id, service_id) REFERENCES service (site_id, id) ON DELETE CASCADE,
  FOREIGN KEY (site_id, kind, part_id) REFERENCES booking_part (site_id, kind, id)
);

CREATE INDEX service_part_of_part ON service_part (site_id, kind, part_id);

-- Sessions of a class or course that follow one rule. They are worked out when somebody asks, never stored; `starts` is a wall time of the
-- business like 2026-11-28T18:00.
CREATE TABLE session_series (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  location_id TEXT NOT NULL,
  starts TEXT COLLATE "C" NOT NULL,
  minutes BIGINT NOT NULL,
  rule TEXT NOT NULL,
  capacity BIGINT,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  FOREIGN KEY (site_id, service_id) REFERENCES service (site_id, id) ON DELETE CASCADE
);

CREATE INDEX session_series_of_service ON session_series (site_id, service_id, id);
CREATE INDEX session_series_of_staff ON session_series (site_id, staff_id, id);

-- What differs about one session of a series: it does not take place, or has another number of places.
CREATE TABLE session_change (
  site_id TEXT NOT NULL,
  series_id TEXT NOT NULL,
  starts TEXT COLLATE "C" NOT NULL,
  cancelled BOOLEAN NOT NULL,
  capacity BIGINT,
  PRIMARY KEY (site_id, series_id, starts),
  FOREIGN KEY (site_id, series_id) REFERENCES session_series (site_id, id) ON DELETE CASCADE
);

-- What is scarce, one row each: a staff member (whoever takes their time locks the row first), or a session, whose `seats` are the taken ones.
CREATE TABLE booking_lane (
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  seats BIGINT NOT NULL CHECK (seats >= 0),
  PRIMARY KEY (site_id, id)
);

-- Times that are held or taken: a staff member's from `blocked_from` until `blocked_until`, or so many seats of a session. A time that was
-- given back has no row. `holder` is whatever took it, such as a booking.
CREATE TABLE booking_time (
  site_id TEXT NOT NULL,
  holder TEXT NOT NULL,
  lane_id TEXT NOT NULL,
  blocked_from BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL CHECK (blocked_until > blocked_from),
  seats BIGINT NOT NULL CHECK (seats >= 0),
  hold_ends_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, holder),
  FOREIGN KEY (site_id, lane_id) REFERENCES booking_lane (site_id, id)
);

CREATE INDEX booking_time_of_lane ON booking_time (site_id, lane_id, blocked_from, blocked_until);
-- Holds only what will be released: looking for the next one costs the same however many times are taken.
CREATE INDEX booking_time_hold ON booking_time (hold_ends_at) WHERE hold_ends_at IS NOT NULL;
CREATE INDEX booking_time_lane_hold ON booking_time (site_id, lane_id, hold_ends_at) WHERE hold_ends_at IS NOT NULL;
