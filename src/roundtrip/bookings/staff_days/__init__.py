"""Days on which a staff member works other hours than the week says."""
