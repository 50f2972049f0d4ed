"""How a measured process talks with the one that started it: one line of JSON for each message."""

import json
import sys
from typing import Any

__all__ = ["hear", "say"]


def say(kind: str, **values: Any) -> None:
    """Send one message."""
    sys.stdout.write(json.dumps({"type": kind} | values) + "\n")
    sys.stdout.flush()


def hear() -> dict[str, Any]:
    """Wait for one message; empty when the other side is gone."""
    line = sys.stdin.readline()
    message: dict[str, Any] = json.loads(line) if line else {}
    return message
