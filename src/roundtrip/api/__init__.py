"""The JSON side: decode, call, encode. No rules of the business live here."""
