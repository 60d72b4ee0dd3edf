"""The sessions of classes and courses: series that follow a rule, and what differs about single ones."""
