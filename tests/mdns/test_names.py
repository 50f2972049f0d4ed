"""Only names of mDNS candidates are looked up; packets about other names are not parsed."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.mdns.names import Labels, check_local_name, is_local_name

GOOD = "1f92e7db-2290-4b6d-a8f3-7c2ea6e0e3ae.local"


@pytest.mark.parametrize("name", [GOOD, GOOD.upper(), "a.local", f"{'x' * 63}.local"])
def test_good_names(name: str) -> None:
    assert check_local_name(name) == name.lower()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "local",
        ".local",
        "a.b.local",
        "example.org",
        "a.local.",
        "a b.local",
        "a_b.local",
        "ü.local",
        "a\0.local",
        "a.local\n",
        f"{'x' * 64}.local",
        "İ.local",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(socket.gaierror, match="no name of an mDNS candidate"):
        check_local_name(name)


@given(st.text(max_size=80))
def test_any_text_is_good_or_refused(text: str) -> None:
    for name in (text, text + ".local"):
        try:
            checked = check_local_name(name)
        except socket.gaierror:
            continue
        assert checked.isascii()
        assert checked.count(".") == 1


def test_what_asks_for_multicast() -> None:
    assert is_local_name(GOOD)
    assert is_local_name("odd name.LOCAL.")
    assert not is_local_name("example.org")
    assert not is_local_name("192.0.2.1")


def test_labels_are_found_wherever_they_are() -> None:
    labels = Labels()
    labels.add("ab-c.local")
    assert labels.are_in(b"\0\0\x04AB-c\x05local\0")
    assert not labels.are_in(b"\0\0\x03b-c\x05local\0")
    assert not labels.are_in(b"ab-c")
    assert not labels.are_in(b"\x04ab-")


def test_a_packet_full_of_lengths_costs_little() -> None:
    labels = Labels()
    labels.add("abc.local")
    assert labels.are_in(b"\x03" * 200 + b"abc")
    assert not labels.are_in(b"\x03" * 8000 + b"abc")


def test_discarded_labels_are_not_found() -> None:
    labels = Labels()
    for name in ("one.local", "two.local", "two.local"):
        labels.add(name)
    labels.discard("two.local")
    labels.discard("two.local")
    assert labels.are_in(b"\x03one")
    assert not labels.are_in(b"\x03two")
    labels.discard("one.local")
    assert not labels.are_in(b"\x03one")
