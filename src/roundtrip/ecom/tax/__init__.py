"""Which tax holds where."""
