"""The commands, one file a topic. `roundtrip.cli` lists them; `terminal.py` has what all of them need."""
