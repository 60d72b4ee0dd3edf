-- Bookings that a plan pays for.
ALTER TABLE booking DROP CONSTRAINT booking_option_check;
ALTER TABLE booking ADD CONSTRAINT booking_option_check CHECK (option IN ('ONLINE', 'OFFLINE', 'MEMBERSHIP'));
