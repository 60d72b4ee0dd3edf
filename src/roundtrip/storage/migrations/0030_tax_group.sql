-- Which kind of goods a product is for the tax office; empty is the usual kind.
ALTER TABLE product ADD COLUMN tax_group TEXT NOT NULL DEFAULT '';

-- Lists are sorted by a product's number; nothing is looked up by its SKU.
CREATE INDEX product_by_number ON product (site_id, number, id);
DROP INDEX product_variant_by_sku;
