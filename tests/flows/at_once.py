"""Runs several things at the same moment, in threads, and waits for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(actions: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each action answered or raised, in their order. All start when the last of them is ready."""
    ready = Barrier(len(actions))

    def run(action: Callable[[], T]) -> T | Exception:
        ready.wait()
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))
