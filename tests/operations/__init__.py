"""What an operator does: start, stop, watch, back up, restore, ask the doctor."""
