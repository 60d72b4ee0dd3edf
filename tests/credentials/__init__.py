"""Members, passwords and logins: what a visitor and an owner of a site notice."""
