-- What is paid again: what an attempt is for, and the cards that providers keep for later payments.
ALTER TABLE payment_attempt ADD COLUMN purpose TEXT NOT NULL DEFAULT 'pay'; -- 'pay', 'first', 'keep' or 'again'
ALTER TABLE payment_attempt ADD COLUMN keep_for TEXT; -- what the card is kept for
ALTER TABLE payment_attempt ADD COLUMN card_ref TEXT; -- the provider's name of the card that is charged again

-- The provider's own name of a card, of no use without the site's keys. No number, no name and no date of a card is known here.
CREATE TABLE payment_card (
  site_id TEXT NOT NULL,
  held_for TEXT NOT NULL, -- the id of what is paid again
  provider TEXT NOT NULL,
  ref TEXT NOT NULL,
  buyer_id TEXT,
  buyer_key TEXT,
  kept_at BIGINT NOT NULL,
  PRIMARY KEY (site_id, held_for)
);

CREATE INDEX payment_card_of_member ON payment_card (site_id, buyer_id) WHERE buyer_id IS NOT NULL;
CREATE INDEX payment_card_of_address ON payment_card (site_id, buyer_key) WHERE buyer_key IS NOT NULL;
