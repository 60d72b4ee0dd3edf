"""Ways in which goods get to their buyer, and what they cost where."""
