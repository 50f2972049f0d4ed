"""Source files as bytes: decoding, checking and writing without side effects on other lines."""

import ast
import io
import os
import re
import tempfile
import tokenize
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

__all__ = [
    "TODO_PREFIX",
    "SourceFile",
    "UnprocessedFileError",
    "check_output",
    "is_candidate",
    "parse",
    "write_atomically",
]

TODO_PREFIX = "# TODO(rtc-migrate)"
BOM = b"\xef\xbb\xbf"
MENTIONS_LEGACY = re.compile(rb"aiortc|purertc_compat")
LINT_PRAGMA = re.compile(r"#\s*(type:\s*ignore|noqa|pyright:|pylint:|ruff:|mypy:)")


class UnprocessedFileError(Exception):
    """The file cannot be read, parsed or rewritten safely; the message says why."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One decoded and parsed Python file."""

    name: str
    data: bytes
    text: str
    encoding: str
    bom: bytes
    module: cst.Module

    def encode(self, text: str) -> bytes:
        """Return `text` as bytes in this file's own encoding.

        Raises UnprocessedFileError when a character does not fit it.
        """
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise UnprocessedFileError(
                f"the result cannot be encoded as {self.encoding}"
            ) from error


def is_candidate(data: bytes) -> bool:
    """Tell whether the file can matter at all; other files are never parsed."""
    return MENTIONS_LEGACY.search(data) is not None


def _decode(data: bytes) -> tuple[str, str, bytes]:
    bom = BOM if data.startswith(BOM) else b""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        body = data.removeprefix(bom)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = body.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnprocessedFileError(f"cannot be decoded: {error}") from error
    if text.encode(encoding) != body:
        raise UnprocessedFileError(f"does not survive decoding and encoding as {encoding}")
    return text, encoding, bom


def parse(name: str, data: bytes) -> SourceFile:
    """Decode and parse one file.

    The standard parser goes first: it refuses what makes the lossless parser crash.
    Raises UnprocessedFileError.
    """
    text, encoding, bom = _decode(data)
    try:
        ast.parse(text)
        module = cst.parse_module(text)
        code = module.code
    except SyntaxError as error:
        raise UnprocessedFileError(
            f"is not valid Python: {error.msg} (line {error.lineno})"
        ) from error
    except (ValueError, cst.ParserSyntaxError) as error:
        raise UnprocessedFileError(f"is not valid Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise UnprocessedFileError("is nested too deeply to be parsed") from error
    if code != text:
        raise UnprocessedFileError("does not survive parsing and printing unchanged")
    return SourceFile(name, data, text, encoding, bom, module)


def _comments(text: str) -> Counter[str]:
    """Count the comments, without the tool's own and without lint pragmas."""
    found: Counter[str] = Counter()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or token.string.startswith(TODO_PREFIX):
            continue
        if LINT_PRAGMA.match(token.string) is None:
            found[token.string.rstrip()] += 1
    return found


def check_output(before: str, after: str) -> None:
    """Refuse a result that is no valid Python or that lost or invented a comment.

    Raises UnprocessedFileError.
    """
    try:
        compile(after, "<rtc-migrate>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise UnprocessedFileError(f"the rewritten code would not compile: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise UnprocessedFileError("the rewritten code is nested too deeply") from error
    lost = _comments(before) - _comments(after)
    if lost:
        raise UnprocessedFileError(f"rewriting would lose the comment {next(iter(lost))!r}")
    added = _comments(after) - _comments(before)
    if added:
        raise UnprocessedFileError(f"rewriting would duplicate the comment {next(iter(added))!r}")


def write_atomically(path: Path, data: bytes) -> bool:
    """Replace the file's content in one step, keeping its mode; follow symbolic links.

    Returns False, and touches nothing, when the content is already the same.
    """
    target = Path(os.path.realpath(path))
    mode = None
    if target.exists():
        if target.read_bytes() == data:
            return False
        mode = target.stat().st_mode
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, (mode & 0o7777) if mode is not None else 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True
