"""Run a program with aiortc on a machine whose only network is the loopback interface.

    python -m demo.aiortc_on_loopback PROGRAM [ARGUMENT ...]

aioice offers no loopback addresses and so has no candidate at all on such a machine. The program
itself stays as it is.
"""

import runpy
import sys
from pathlib import Path

import aioice.ice

__all__ = ["use_loopback_when_alone"]

_find_host_addresses = aioice.ice.get_host_addresses


def _host_addresses_or_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    found = _find_host_addresses(use_ipv4, use_ipv6)
    return found or (["127.0.0.1"] if use_ipv4 else [])


def use_loopback_when_alone() -> None:
    """Let aioice take 127.0.0.1 where it finds no other address."""
    aioice.ice.get_host_addresses = _host_addresses_or_loopback


def main(arguments: list[str]) -> None:
    """Run the program named first, with the other arguments, as ``python PROGRAM`` would."""
    use_loopback_when_alone()
    sys.argv = arguments
    sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
