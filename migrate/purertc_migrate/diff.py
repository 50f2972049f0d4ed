"""A unified diff, coloured without ever reading the source text as markup."""

import difflib

from rich.console import Console
from rich.text import Text

__all__ = ["print_diff", "unified_diff"]


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", errors="backslashreplace").splitlines(keepends=True)


def unified_diff(name: str, before: bytes, after: bytes) -> str:
    """Return the diff as `patch` reads it; carriage returns stay in the lines."""
    parts: list[str] = []
    name = name.lstrip("/")
    for line in difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}"):
        parts.append(line)
        if not line.endswith("\n"):
            parts.append("\n\\ No newline at end of file\n")
    return "".join(parts)


def _style(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}.get(line[:1], "")


def print_diff(console: Console, name: str, before: bytes, after: bytes) -> None:
    """Print the diff of one file."""
    text = unified_diff(name, before, after)
    if not console.is_terminal:
        console.file.write(text)
        return
    for line in text.splitlines():
        console.print(Text(line, style=_style(line)), soft_wrap=True, highlight=False)
