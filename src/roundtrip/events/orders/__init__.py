"""Who bought tickets, the tickets themselves, and who has come with them."""
