"""Loops for later: mails, expiring, tidying up. On SQLite the server runs them itself; on PostgreSQL it is `roundtrip worker`."""
