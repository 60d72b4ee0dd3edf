"""A visitor books a time that the site has chosen with them."""
