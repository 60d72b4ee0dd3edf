"""Pictures of sites: cleaned, kept in the database, and sent in the sizes that pages ask for."""
