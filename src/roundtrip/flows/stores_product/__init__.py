"""A visitor looks at a product and may buy it."""
