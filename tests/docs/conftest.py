"""The generator of the documentation, which is no part of a package."""

import importlib.util
from types import ModuleType

import pytest

from demo.figures import ROOT


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
