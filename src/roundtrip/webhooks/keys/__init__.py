"""What deliveries are signed with."""
