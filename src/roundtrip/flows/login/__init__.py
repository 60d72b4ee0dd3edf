"""A visitor logs in on the pages host, without a code for the site."""
