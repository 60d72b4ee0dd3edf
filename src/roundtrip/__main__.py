"""`python -m roundtrip` is the command `roundtrip`."""

from roundtrip.cli import main

if __name__ == "__main__":
    main()
