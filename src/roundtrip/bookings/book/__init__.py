"""The book: who has booked what, and how each booking stands."""
