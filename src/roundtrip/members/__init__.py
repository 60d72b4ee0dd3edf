"""Accounts, passwords and logins on the pages host."""
