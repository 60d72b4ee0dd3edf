"""The feed: the same events, for programs that ask."""
