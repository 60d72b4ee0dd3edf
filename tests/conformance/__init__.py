"""A standard client against the whole application: the conformance modules, and libraries that others wrote."""
