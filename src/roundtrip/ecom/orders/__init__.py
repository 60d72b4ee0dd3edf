"""What was bought: the truth about a purchase, whatever became of the visit in which it was made."""
