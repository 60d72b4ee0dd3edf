"""The tickets of orders that stand, and who has come with them."""
