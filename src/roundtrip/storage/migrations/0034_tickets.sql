-- Tickets that somebody keeps for a while, and what becomes of them. What is reserved is counted in `ticket_definition.taken`.
CREATE TABLE ticket_reservation (
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'CONFIRMED', 'CANCELED', 'EXPIRED')),
  expires_at BIGINT NOT NULL,
  visitor_id TEXT,
  member_id TEXT,
  order_id TEXT,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id)
);

-- These hold only what is still kept: looking for what is over costs the same however many there were.
CREATE INDEX ticket_reservation_over ON ticket_reservation (expires_at) WHERE status = 'PENDING';
CREATE INDEX ticket_reservation_kept ON ticket_reservation (site_id, event_id, expires_at) WHERE status = 'PENDING';
CREATE INDEX ticket_reservation_of_visitor ON ticket_reservation (site_id, visitor_id, created_at) WHERE visitor_id IS NOT NULL;
CREATE INDEX ticket_reservation_of_member ON ticket_reservation (site_id, member_id, created_at) WHERE member_id IS NOT NULL;
-- What nobody bought is forgotten by its age.
CREATE INDEX ticket_reservation_unused ON ticket_reservation (updated_at) WHERE status IN ('CANCELED', 'EXPIRED');

CREATE TABLE event_order (
  site_id TEXT NOT NULL REFERENCES site (id),
  id TEXT NOT NULL,
  number TEXT NOT NULL,
  event_id TEXT NOT NULL,
  reservation_id TEXT NOT NULL,
  session_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('FREE', 'PENDING', 'PAID', 'OFFLINE_PENDING', 'INITIATED', 'CANCELED', 'DECLINED')),
  why TEXT NOT NULL,
  visitor_id TEXT,
  member_id TEXT,
  email_key TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_units BIGINT NOT NULL,
  refunded_units BIGINT NOT NULL,
  tickets BIGINT NOT NULL,
  archived BOOLEAN NOT NULL,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, number)
);

CREATE INDEX event_order_by_id ON event_order (id);
CREATE INDEX event_order_of_event ON event_order (site_id, event_id, created_at, id);
CREATE INDEX event_order_by_age ON event_order (site_id, created_at, id);
CREATE INDEX event_order_of_session ON event_order (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX event_order_of_address ON event_order (site_id, email_key);
CREATE INDEX event_order_of_member ON event_order (site_id, member_id, created_at) WHERE member_id IS NOT NULL;

-- Tickets are there once their order stands. `code` of a ticket is not kept: it is made from its id.
CREATE TABLE event_ticket (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  number TEXT NOT NULL,
  order_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  definition_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  is_valid BOOLEAN NOT NULL,
  checked_in_at BIGINT,
  guest_key TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  UNIQUE (site_id, number),
  FOREIGN KEY (site_id, order_id) REFERENCES event_order (site_id, id) ON DELETE CASCADE
);

CREATE INDEX event_ticket_by_id ON event_ticket (id);
CREATE INDEX event_ticket_of_order ON event_ticket (site_id, order_id, place);
CREATE INDEX event_ticket_of_event ON event_ticket (site_id, event_id, number);
CREATE INDEX event_ticket_of_address ON event_ticket (site_id, guest_key);

-- Who said that they come, or not, or that they would if there were room. `offer_ends_at`: a place that became free is kept until then.
CREATE TABLE rsvp (
  site_id TEXT NOT NULL,
  id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('YES', 'NO', 'WAITLIST', 'OFFERED')),
  guests BIGINT NOT NULL CHECK (guests > 0),
  visitor_id TEXT,
  member_id TEXT,
  email_key TEXT NOT NULL,
  offer_ends_at BIGINT,
  checked_in BIGINT NOT NULL,
  content TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, id),
  FOREIGN KEY (site_id, event_id) REFERENCES event (site_id, id) ON DELETE CASCADE
);

CREATE INDEX rsvp_by_id ON rsvp (id);
CREATE INDEX rsvp_of_event ON rsvp (site_id, event_id, created_at, id);
CREATE INDEX rsvp_by_age ON rsvp (site_id, created_at, id);
CREATE INDEX rsvp_waiting ON rsvp (site_id, event_id, created_at, id) WHERE status = 'WAITLIST';
CREATE INDEX rsvp_offer ON rsvp (offer_ends_at) WHERE offer_ends_at IS NOT NULL;
CREATE INDEX rsvp_of_address ON rsvp (site_id, email_key);
CREATE INDEX rsvp_of_member ON rsvp (site_id, member_id, event_id) WHERE member_id IS NOT NULL;
CREATE INDEX rsvp_of_visitor ON rsvp (site_id, visitor_id, event_id) WHERE visitor_id IS NOT NULL;
