"""Who bought: found when they ask what is kept about them, and taken out of orders that stay for the books (OPS-08)."""
