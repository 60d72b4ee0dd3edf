"""Runs `roundtrip` commands as `python -m tests.warm_commands SOCKET`: reads the product's code once, then forks for each command.

A command is the same function with the same words, environment, folder and exit code as from a shell; what it saves is the second that
Python needs to read the code, several hundred times in a run of the tests. Ends when its standard input does, with whoever started it.
Only started as a process of its own, by `tests/command_line.py`; servers and whatever gets signals are started for real.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from roundtrip.cli import main


def run(words: list[str], environment: dict[str, str], folder: str, stdout: str, stderr: str) -> NoReturn:
    """Become the command: never returns."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name in ((1, stdout), (2, stderr)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code: object = 0
    try:
        main(words, prog_name="roundtrip")
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - as Python itself does with what nobody caught
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def answer(connection: socket.socket) -> NoReturn:
    """Read one request, run it, and answer its exit code: in a process of its own, so that commands can run at the same time."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection, connection.makefile("rwb") as line:
        request: dict[str, Any] = json.loads(line.readline())
        command = os.fork()
        if command == 0:
            run(**request)
        _, status = os.waitpid(command, 0)
        line.write(json.dumps(os.waitstatus_to_exitcode(status)).encode() + b"\n")
    os._exit(0)


def listen(path: str) -> None:
    """Take requests until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as door, selectors.DefaultSelector() as events:
        door.bind(path)
        door.listen(64)
        events.register(door, selectors.EVENT_READ)
        events.register(sys.stdin, selectors.EVENT_READ)
        print("ready", flush=True)  # noqa: T201 - whoever started this waits for it
        while all(key.fileobj is door for key, _ in events.select()):
            connection, _ = door.accept()
            if os.fork() == 0:
                answer(connection)
            connection.close()


if __name__ == "__main__":
    listen(sys.argv[1])
