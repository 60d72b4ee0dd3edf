"""Samples of the pages of each business, for the tests and pictures of all pages."""
