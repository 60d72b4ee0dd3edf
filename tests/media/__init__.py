"""Pictures: cleaned, kept, addressed, resized, drawn."""
