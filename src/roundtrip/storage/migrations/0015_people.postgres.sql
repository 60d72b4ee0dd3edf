-- Whom a row is about, so that one person's data can be handed out and erased without reading everything; and members by status.
-- `person` is the id of a member or the key of an e-mail address. NULL, nearly always: about nobody.

ALTER TABLE outbox ADD COLUMN person TEXT;
ALTER TABLE caught_mail ADD COLUMN person TEXT;
ALTER TABLE redirect_session ADD COLUMN person TEXT;

UPDATE outbox SET person = entity_id WHERE entity = 'member';
UPDATE outbox SET person = lower(COALESCE(body::json #>> '{values,email}', body::json ->> 'to')) WHERE entity = 'mail';
UPDATE redirect_session SET person = caller_id WHERE caller_kind = 'member';
UPDATE redirect_session SET person = lower(draft::json ->> 'email') WHERE draft::json ->> 'email' <> '';
UPDATE caught_mail SET person = (SELECT o.person FROM outbox o WHERE o.id = caught_mail.id);
UPDATE caught_mail SET person = lower(recipient) WHERE person IS NULL;

CREATE INDEX outbox_person ON outbox (site_id, person) WHERE person IS NOT NULL;
CREATE INDEX caught_mail_person ON caught_mail (site_id, person) WHERE person IS NOT NULL;
CREATE INDEX redirect_session_person ON redirect_session (site_id, person) WHERE person IS NOT NULL;

CREATE INDEX member_of_status ON member (site_id, status, id);
