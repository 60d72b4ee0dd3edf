"""Orders of plans: from the draft to the last cycle."""
