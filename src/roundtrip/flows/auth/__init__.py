"""A visitor authenticates, and the site gets an authorization code at its exact redirect URI."""
