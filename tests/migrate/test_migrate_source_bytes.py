"""Bytes in, bytes out: encodings, line ends and indentation of the file survive."""

import pytest

from purertc_migrate.engine import migrate
from purertc_migrate.report import FileResult, Status

PROGRAM = """\
from aiortc import RTCPeerConnection  # größer


def connect(label):
    pc = RTCPeerConnection()
    channel = pc.createDataChannel(label)

    @channel.on("message")
    def got(text):
        if text:
            print(text)

    return pc
"""


def _migrate(data: bytes) -> FileResult:
    (result,) = migrate([("program.py", data)])
    assert result.problem is None
    assert result.status is Status.CHANGED
    compile(result.after, "program.py", "exec")
    return result


def test_crlf() -> None:
    after = _migrate(PROGRAM.replace("\n", "\r\n").encode()).after
    assert after.count(b"\n") == after.count(b"\r\n")


def test_byte_order_mark() -> None:
    after = _migrate(b"\xef\xbb\xbf" + PROGRAM.encode()).after
    assert after.startswith(b"\xef\xbb\xbffrom purertc")
    assert after.count(b"\xef\xbb\xbf") == 1


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "cp1252"])
def test_coding_cookie(encoding: str) -> None:
    text = f"# -*- coding: {encoding} -*-\n{PROGRAM}"
    assert "größer" in _migrate(text.encode(encoding)).after.decode(encoding)


def test_no_final_newline() -> None:
    assert _migrate(PROGRAM.rstrip("\n").encode()).after.endswith(b"return pc")


@pytest.mark.parametrize("indent", ["\t", "  ", "   "])
def test_indentation_is_the_files_own(indent: str) -> None:
    after = _migrate(PROGRAM.replace("    ", indent).encode()).after.decode()
    assert f"\n{indent}class ChannelEvents(" in after
    assert f"\n{indent * 2}async def on_message(" in after
    assert f"\n{indent * 4}print(text)" in after


def test_form_feed_and_trailing_blanks_stay() -> None:
    text = PROGRAM + "\n\x0c\nx = 1   \n\ty = 2\n".replace("\ty", "y")
    assert _migrate(text.encode()).after.decode().endswith("\n\x0c\nx = 1   \ny = 2\n")


def test_untouched_lines_are_identical() -> None:
    before = PROGRAM + "\nodd = {  'a':1 ,\n  'b' : 2 }  ;  z=3\n"
    after = _migrate(before.encode()).after.decode()
    assert after.endswith("\nodd = {  'a':1 ,\n  'b' : 2 }  ;  z=3\n")


BAD = {
    "syntax": b"from aiortc import\n",
    "tabs": b"import aiortc\nif 1:\n\tx = 1\n        y = 2\n",
    "not utf-8": b"import aiortc  # \xff\xfe\n",
    "unknown cookie": b"# coding: klingon\nimport aiortc\n",
    "null": b"import aiortc\n\0\n",
    "parentheses": b"import aiortc\nx = " + b"(" * 3000 + b")" * 3000 + b"\n",
    "long sum": b"import aiortc\nx = " + b"+".join([b"a"] * 30000) + b"\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_reported_and_left_alone(name: str) -> None:
    good = b"import aiortc\n"
    bad, after = migrate([("bad.py", BAD[name]), ("good.py", good)])
    assert bad.status is Status.UNPROCESSED
    assert bad.problem
    assert bad.after == BAD[name]
    assert after.after == b"import purertc\n"
