-- Bookings that a plan pays for. SQLite changes no CHECK, so the table is written anew.
CREATE TABLE booking_next (
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('CREATED', 'PENDING', 'CONFIRMED', 'DECLINED', 'CANCELED', 'WAITING_LIST')),
  payment TEXT NOT NULL CHECK (payment IN ('UNDEFINED', 'NOT_PAID', 'PARTIALLY_PAID', 'PAID', 'EXEMPT')),
  option TEXT NOT NULL CHECK (option IN ('ONLINE', 'OFFLINE', 'MEMBERSHIP')),
  service_id TEXT NOT NULL,
  schedule_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  participants BIGINT NOT NULL CHECK (participants > 0),
  visitor_id TEXT,
  member_id TEXT,
  email_key TEXT NOT NULL,
  order_id TEXT,
  hold_ends_at BIGINT,
  remind_at BIGINT,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id)
);

INSERT INTO booking_next SELECT * FROM booking;
DROP TABLE booking;
ALTER TABLE booking_next RENAME TO booking;

CREATE INDEX booking_by_id ON booking (id);
CREATE INDEX booking_by_start ON booking (site_id, starts_at, id);
CREATE INDEX booking_by_age ON booking (site_id, created_at, id);
CREATE INDEX booking_of_member ON booking (site_id, member_id, starts_at) WHERE member_id IS NOT NULL;
CREATE INDEX booking_of_visitor ON booking (site_id, visitor_id, starts_at) WHERE visitor_id IS NOT NULL;
CREATE INDEX booking_of_address ON booking (site_id, email_key);
CREATE INDEX booking_of_order ON booking (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX booking_of_staff ON booking (site_id, staff_id, starts_at);
-- These hold only what is still to be done: looking for the next one costs the same however many bookings there are.
CREATE INDEX booking_hold ON booking (hold_ends_at) WHERE hold_ends_at IS NOT NULL;
CREATE INDEX booking_reminder ON booking (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX booking_waiting ON booking (site_id, event_id, created_at, id) WHERE status = 'WAITING_LIST';
