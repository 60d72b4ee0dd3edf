"""Databases and transactions. The only room that names a SQL driver; it knows no business word."""
