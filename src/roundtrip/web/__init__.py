"""The pages that visitors see: entering, the steps of every flow, and the way back. What they show is decided in `flows/`."""
