"""Who said that they come, or would if there were room."""
