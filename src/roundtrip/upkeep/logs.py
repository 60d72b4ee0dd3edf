"""Logs as JSON lines. What a line may hold is decided where it is written; that no value can fake a line, and that the keys in addresses
stay out of all of them, is decided here."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time

REQUESTS = logging.getLogger("roundtrip.requests")
_FIELDS = ("request_id", "method", "path", "status", "ms")
_KEYS = re.compile(r"(/(?:recover|verify|join|resume)/)[^\s/?#\"'<>]+")


def without_keys(text: str) -> str:
    """A text in which the addresses that open something by themselves, as the links in mails do, have lost what opens (OPS-07)."""
    return _KEYS.sub(r"\1***", text) if "/" in text else text


class JsonLines(logging.Formatter):
    """One JSON object a line. JSON escapes CR and LF, so no value can fake a line (OPS-07)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_keys(record.getMessage()),
        }
        for name in _FIELDS:
            if hasattr(record, name):
                value = getattr(record, name)
                line[name] = without_keys(value) if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = without_keys(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(level: str) -> None:
    """JSON lines on standard error for everything, uvicorn included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # What nobody caught is a line too: whoever collects the logs reads JSON only.
    sys.excepthook = lambda kind, error, trace: logging.getLogger("roundtrip").critical("ended by an error", exc_info=(kind, error, trace))
    threading.excepthook = lambda told: logging.getLogger("roundtrip").critical("a thread ended by an error", exc_info=told.exc_value)


def request(request_id: bytes, method: str, path: str, status: int, seconds: float) -> None:
    """One line about an answered request. The path comes without its query, which is where codes and tokens travel (OPS-07)."""
    known = {"request_id": request_id.decode(), "method": method, "path": path, "status": status, "ms": round(seconds * 1e3, 3)}
    REQUESTS.info("%s %s %d", method, path, status, extra=known)
