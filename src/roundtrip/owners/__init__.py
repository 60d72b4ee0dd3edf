"""Who runs the shops: accounts of the dashboard, how they log in, and how they join."""
