"""Telling the world: endpoints of sites, what they are told and how that went, and the feed for those who would rather ask."""
