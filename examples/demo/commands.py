"""Runs several `roundtrip` commands in one process: `python -m examples.demo.commands '[["migrate"], ["seed", "--json"]]'`.

Each start of the command line costs most of a second of imports, and the demo should be there at once. The last line printed belongs to
the last command.
"""

from __future__ import annotations

import json
import sys

from roundtrip.cli import main as roundtrip


def main() -> None:
    """Run them in order. The first that fails says why and ends the process with its exit code."""
    commands: list[list[str]] = json.loads(sys.argv[1])
    for words in commands:
        try:
            roundtrip(words, prog_name="roundtrip")  # ends by SystemExit, as on the command line
        except SystemExit as ended:
            if ended.code:
                raise


if __name__ == "__main__":
    main()
