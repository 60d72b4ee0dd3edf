"""What can be booked, when it is offered, and who has taken which time."""
