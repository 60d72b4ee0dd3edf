"""A visitor buys reserved tickets."""
