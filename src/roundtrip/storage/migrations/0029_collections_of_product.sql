-- The collections of one product, read from the index alone: without `collection_id` in it, SQLite would rather read those of the whole shop.
DROP INDEX collection_product_of_product;
CREATE INDEX collection_product_of_product ON collection_product (site_id, product_id, collection_id);
