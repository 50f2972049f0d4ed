"""Every public name of aiortc is either here, with the same signature, or known to be missing."""

import dataclasses
import importlib
import inspect
import pkgutil

import aiortc
import pytest

import purertc_compat
from purertc_compat._absent import absence_of

AIORTC_MODULES = sorted(
    info.name.removeprefix("aiortc.") for info in pkgutil.walk_packages(aiortc.__path__, "aiortc.")
)
CLASSES = ["RTCPeerConnection", "RTCDataChannel"]


def defined_in(module_name: str) -> list[str]:
    module = importlib.import_module(module_name)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            getattr(value, "__module__", None) == module_name
            or (name.isupper() and not inspect.ismodule(value))
        )
    ]


@pytest.mark.parametrize("name", aiortc.__all__)
def test_a_top_level_name_is_here_or_explained(name: str) -> None:
    assert (name in purertc_compat.__all__) != (absence_of(name) is not None)


@pytest.mark.parametrize("name", AIORTC_MODULES)
def test_a_module_is_here_with_its_names_or_explained(name: str) -> None:
    if absence_of(name) is not None:
        return
    module = importlib.import_module(f"purertc_compat.{name}")
    unexplained = [
        each
        for each in defined_in(f"aiortc.{name}")
        if not hasattr(module, each) and absence_of(f"{name}.{each}") is None
    ]
    assert unexplained == []


@pytest.mark.parametrize("class_name", CLASSES)
def test_a_class_has_aiortcs_public_members(class_name: str) -> None:
    ours, theirs = getattr(purertc_compat, class_name), getattr(aiortc, class_name)
    missing = [n for n in vars(theirs) if not n.startswith("_") and not hasattr(ours, n)]
    assert missing == []


def public_methods() -> list[tuple[str, str]]:
    return [
        (class_name, name)
        for class_name in CLASSES
        for name, value in vars(getattr(aiortc, class_name)).items()
        if inspect.isfunction(value) and (not name.startswith("_") or name == "__init__")
    ]


@pytest.mark.parametrize(("class_name", "method"), public_methods())
def test_a_method_takes_the_same_arguments(class_name: str, method: str) -> None:
    ours = getattr(getattr(purertc_compat, class_name), method)
    theirs = getattr(getattr(aiortc, class_name), method)
    assert shape(ours) == shape(theirs)
    assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)


def shape(function: object) -> list[tuple[str, object, object]]:
    assert callable(function)
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize(
    "name",
    [
        "RTCConfiguration",
        "RTCIceServer",
        "RTCSessionDescription",
        "RTCDataChannelParameters",
        "RTCIceParameters",
        "RTCDtlsFingerprint",
    ],
)
def test_a_dataclass_has_the_same_fields_in_order(name: str) -> None:
    assert fields_of(getattr(purertc_compat, name)) == fields_of(getattr(aiortc, name))


def fields_of(cls: type) -> list[tuple[str, str]]:
    return [(f.name, str(f.default)) for f in dataclasses.fields(cls)]


def test_the_version_is_our_own() -> None:
    assert purertc_compat.__version__ != aiortc.__version__
