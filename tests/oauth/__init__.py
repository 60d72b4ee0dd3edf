"""Tokens, codes and keys: what clients, and those who attack them, notice."""
