"""Cards that providers keep for what is paid again."""
