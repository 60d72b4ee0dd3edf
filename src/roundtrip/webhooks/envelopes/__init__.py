"""The forms in which an event travels. One file each."""
