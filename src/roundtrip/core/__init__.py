"""Words every room uses. No framework, no database."""
