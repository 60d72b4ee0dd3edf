"""Being paid: attempts, what providers report about them, refunds. Knows nothing of orders: whoever sells hands in an owed thing."""
