-- A cart that was merged into a member's is found again by the checkout that was made from it, when that is paid.
CREATE INDEX cart_of_checkout ON cart (site_id, checkout_id) WHERE checkout_id IS NOT NULL;

-- What nobody counted when it was taken for an order (stock keys, a JSON list): nothing of it goes back.
ALTER TABLE shop_order ADD COLUMN uncounted TEXT NOT NULL DEFAULT '[]';

-- Which unpaid orders of a buyer hold stock: however many they have placed, these are few.
CREATE INDEX shop_order_held_by_visitor ON shop_order (site_id, visitor_id, created_at) WHERE stock = 'held';
CREATE INDEX shop_order_held_by_member ON shop_order (site_id, member_id, created_at) WHERE stock = 'held';
