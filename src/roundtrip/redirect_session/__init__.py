"""The heart: one row that moves along one lifecycle, the address that opens it, and the one way back out."""
