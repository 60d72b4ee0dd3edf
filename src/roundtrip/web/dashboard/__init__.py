"""The owner's side: pages that call the same actions as the API. One file per page; `desk.py` is what each of them is given."""

PREFIX = "/dashboard"
"""Where it lives."""
