"""What needs two rooms, one file each."""
