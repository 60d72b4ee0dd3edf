"""The clock of a test site's plans, which can be moved ahead."""
