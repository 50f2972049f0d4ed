"""The pages on runtimes show only programs that these tests, or those of the examples, run."""

import re
import subprocess
import sys

import pytest

from demo.figures import ROOT

HOWTO = ROOT / "docs" / "howto"
PAGES = ["runtimes.md", "custom_runtime.md", "time_and_cancellation.md"]
PROGRAMS = {
    "on_trio.py": (),
    "given_nursery.py": (),
    "on_uvloop.py": (),
    "on_anyio.py": ("asyncio", "trio"),
    "gives_up.py": (),
    "time_limit.py": (),
}
MULTILINE = re.MULTILINE | re.DOTALL
OUTPUT = {
    "on_trio.py": "echo: hello\n",
    "given_nursery.py": "the offer is have-local-offer\n",
    "on_uvloop.py": "the offer is have-local-offer\n",
    "on_anyio.py": "echo: hello\n",
    "gives_up.py": (
        " 0 s: connecting\n 0 s: connected\n 5 s: disconnected\n30 s: failed\n30 s: closed\n"
        "closed: no answer to consent checks for 30 s\n"
    ),
    "time_limit.py": "nothing yet\nlate\n",
}


def included(page: str) -> list[tuple[str, str | None]]:
    """Return the file and the object of each program that a page shows."""
    text = (HOWTO / page).read_text()
    found = re.findall(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)```$", text, re.MULTILINE)
    assert len(found) == text.count("```{literalinclude}")
    assert "```python" not in text, "a snippet that is not a part of a program"
    objects = [re.search(r"^:pyobject: (\w+)$", options, re.MULTILINE) for _, options in found]
    return [
        (path, match[1] if match else None) for (path, _), match in zip(found, objects, strict=True)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_snippet_is_a_part_of_a_program_that_is_run(page: str) -> None:
    for path, name in included(page):
        file = (HOWTO / path).resolve()
        assert file.parent.name == file.stem or file.name in PROGRAMS
        if name is not None:
            definition = rf"^(async def|def|class) {name}\b"
            assert re.search(definition, file.read_text(), re.MULTILINE), name


def test_the_output_that_a_page_shows_is_that_of_its_program() -> None:
    text = (HOWTO / "time_and_cancellation.md").read_text()
    for program, output in re.findall(r"^```console\n\$ python (\S+)\n(.*?)^```$", text, MULTILINE):
        assert OUTPUT[program] == output


def test_the_guide_shows_the_whole_runtime() -> None:
    example = ROOT / "examples_new" / "custom_runtime" / "custom_runtime.py"
    defined = re.findall(r"^(?:async def|def|class) (\w+)", example.read_text(), re.MULTILINE)
    shown = {name for path, name in included("custom_runtime.md") if path.endswith(example.name)}
    assert set(defined) - shown == {"Cancelled", "Echo"}


@pytest.mark.parametrize(
    ("program", "argument"),
    [(name, each) for name, arguments in PROGRAMS.items() for each in arguments or (None,)],
)
def test_a_program_of_the_pages_works(program: str, argument: str | None) -> None:
    if program == "on_uvloop.py":
        pytest.importorskip("uvloop")
    done = subprocess.run(
        [
            *(sys.executable, "-X", "dev", "-W", "error::ResourceWarning"),
            str(ROOT / "docs" / "programs" / program),
            *([argument] if argument else []),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == OUTPUT[program]
