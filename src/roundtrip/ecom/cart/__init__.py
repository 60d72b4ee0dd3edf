"""What a visitor or a member is about to buy."""
