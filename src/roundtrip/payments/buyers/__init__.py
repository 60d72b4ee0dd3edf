"""Who paid: found when they ask what is kept about them, and taken out of payments that stay for the books (OPS-08)."""
