"""Roundtrip: a visitor leaves a headless site for one hosted process and comes back with the truth.

The rooms, from the ground up: ``core`` (words everyone uses), ``text`` (catalogues), ``storage`` (databases), ``sites`` (tenants and
allow-lists), ``members``, ``redirect_session`` and ``oauth``, ``flows`` (one folder per intent), ``api`` / ``web`` / ``worker`` (the
outside), ``settings``, ``app``, ``cli``. Each imports only from those before it; `pyproject.toml` holds the contract.
"""

__version__ = "0.1.0"
