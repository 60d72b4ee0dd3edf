"""Plans, as a site offers them."""
