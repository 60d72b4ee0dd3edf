"""A visitor chooses a service and a time, and goes on to book it."""
