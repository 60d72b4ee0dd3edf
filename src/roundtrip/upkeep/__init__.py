"""What an operator needs around the product: logs, metrics, backups, and a doctor. Nothing here answers a visitor."""
