"""Accounts of a site's members: who they are, how they prove it, which browsers they are logged in with."""
