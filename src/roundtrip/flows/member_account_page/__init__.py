"""A member looks at their account: who they are, and what they booked, ordered and subscribed to."""
