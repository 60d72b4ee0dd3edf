"""Collections: which products belong together."""
