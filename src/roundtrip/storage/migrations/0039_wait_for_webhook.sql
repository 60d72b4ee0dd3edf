-- Whether a visitor's return waits a moment until the site's own server has been told that the visit is completed.

ALTER TABLE client ADD COLUMN waits_for_webhook BOOLEAN NOT NULL DEFAULT FALSE;
