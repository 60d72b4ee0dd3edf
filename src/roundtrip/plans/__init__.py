"""What members subscribe to: plans, their orders with cycles and renewals, and the credits that pay for bookings."""
