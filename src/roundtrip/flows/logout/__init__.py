"""A visitor logs out, really: on the pages host and in every token."""
