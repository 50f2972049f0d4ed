"""Everything public has an entry in the reference, with a text."""

import importlib
import inspect
import re

import pytest

from demo.figures import ROOT

PAGES = (ROOT / "docs" / "reference").glob("*.md")
ENTRIES = {
    match[1]
    for page in PAGES
    for match in re.finditer(r"^\.\. auto\w+:: ([\w.]+)(?:\(\))?$", page.read_text(), re.MULTILINE)
}
MODULES = [
    "purertc",
    "purertc.errors",
    "purertc.events",
    "purertc.runtime.base",
    "purertc.sansio",
    "purertc.sansio.events",
    "purertc.signaling",
    "purertc.testing",
]
Public = dict[str, object]


def public(module: str) -> Public:
    loaded = importlib.import_module(module)
    return {name: getattr(loaded, name) for name in loaded.__all__}


def has_entry(module: str, name: str, value: object) -> bool:
    """Whether a page shows it, under this name or another public one, or with its module."""
    homes = [
        home for home in MODULES if getattr(importlib.import_module(home), name, None) is value
    ]
    return inspect.ismodule(value) or any(
        f"{home}.{name}" in ENTRIES or home in ENTRIES for home in {module, *homes}
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_an_entry(module: str) -> None:
    missing = [name for name, value in public(module).items() if not has_entry(module, name, value)]
    assert missing == []


@pytest.mark.parametrize("module", MODULES)
def test_every_public_member_has_a_text(module: str) -> None:
    silent = []
    for name, value in public(module).items():
        if inspect.isfunction(value) or inspect.isclass(value):
            parts: Public = {name: value}
            if inspect.isclass(value):
                own = {key: each for key, each in vars(value).items() if key[0] != "_"}
                parts |= {f"{name}.{key}": _function_of(each) for key, each in own.items()}
            silent += [path for path, part in parts.items() if part and not inspect.getdoc(part)]
    assert silent == []


def _function_of(member: object) -> object:
    """Return what has the text of a member, or None for a plain value."""
    if isinstance(member, property):
        return member.fget
    if isinstance(member, classmethod | staticmethod):
        return member.__func__
    return member if inspect.isfunction(member) else None


def test_entries_name_what_exists() -> None:
    for entry in ENTRIES:
        module, _, name = entry.rpartition(".")
        try:
            importlib.import_module(entry)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(module), name), entry
