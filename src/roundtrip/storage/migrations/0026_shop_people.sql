-- Whose carts, checkouts, payments and messages about orders are: so that one person's data can be handed out and erased without reading
-- everything (OPS-08). `email_key` and `buyer_key` are the key of an address, `member_id` and `buyer_id` a member's id. NULL: not known.

ALTER TABLE cart ADD COLUMN email_key TEXT;
ALTER TABLE checkout ADD COLUMN member_id TEXT;
ALTER TABLE checkout ADD COLUMN email_key TEXT;
ALTER TABLE payment_attempt ADD COLUMN buyer_id TEXT;
ALTER TABLE payment_attempt ADD COLUMN buyer_key TEXT;

UPDATE cart SET email_key = NULLIF(lower(trim(json_extract(details, '$.email'))), '');
UPDATE checkout SET member_id = NULLIF(json_extract(details, '$.member_id'), ''), email_key = NULLIF(lower(trim(json_extract(details, '$.email'))), '');
UPDATE payment_attempt SET buyer_key = NULLIF(lower(trim(buyer_email)), ''),
  buyer_id = (SELECT o.member_id FROM shop_order o WHERE o.id = payment_attempt.owed_id AND payment_attempt.owed_kind = 'order');
UPDATE outbox SET person = (SELECT COALESCE(o.member_id, NULLIF(o.email_key, '')) FROM shop_order o WHERE o.id = outbox.entity_id)
  WHERE entity = 'order';
UPDATE outbox SET person = (SELECT COALESCE(p.buyer_id, p.buyer_key) FROM payment_attempt p WHERE p.id = outbox.entity_id)
  WHERE entity = 'payment';
UPDATE outbox SET person = json_extract(body, '$.memberId') WHERE entity = 'cart';
-- Mails to the shop tell of the buyer, and a mail about an order says which one.
UPDATE outbox SET person = COALESCE((SELECT NULLIF(o.email_key, '') FROM shop_order o
    WHERE o.site_id = outbox.site_id AND o.number = CAST(json_extract(body, '$.values.number') AS INTEGER)), person)
  WHERE entity = 'mail' AND json_extract(body, '$.kind') IN ('order_received', 'order_too_late_shop');
UPDATE outbox SET entity_id = COALESCE((SELECT o.id FROM shop_order o
    WHERE o.site_id = outbox.site_id AND o.number = CAST(json_extract(body, '$.values.number') AS INTEGER)), entity_id)
  WHERE entity = 'mail' AND json_extract(body, '$.kind') LIKE 'order~_%' ESCAPE '~';
UPDATE caught_mail SET person = COALESCE((SELECT m.person FROM outbox m WHERE m.id = caught_mail.id), person)
  WHERE kind IN ('order_received', 'order_too_late_shop');

CREATE INDEX cart_of_email ON cart (site_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX checkout_of_member ON checkout (site_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX checkout_of_email ON checkout (site_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX payment_attempt_of_member ON payment_attempt (site_id, buyer_id) WHERE buyer_id IS NOT NULL;
CREATE INDEX payment_attempt_of_email ON payment_attempt (site_id, buyer_key) WHERE buyer_key IS NOT NULL;
CREATE INDEX coupon_customer_of ON coupon_customer (customer, coupon_id);
