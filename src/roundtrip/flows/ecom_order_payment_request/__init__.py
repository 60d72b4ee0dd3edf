"""A visitor pays what an owner asked for."""
