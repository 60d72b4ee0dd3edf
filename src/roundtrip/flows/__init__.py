"""One folder per intent. A flow is a value that one runner drives; nothing here branches on an intent."""
