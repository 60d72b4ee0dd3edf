"""What an order of a plan pays for, and how often."""
