"""Where the time goes: samples of both ends of a flood, by layer and by function."""

from collections import Counter
from collections.abc import Mapping

from benchmarks.machine import describe
from benchmarks.report import table
from benchmarks.two_ends import Samples

__all__ = ["by_function", "by_layer", "page"]

LAYERS = (
    ("purertc/sansio/dtls/", "DTLS records"),
    ("OpenSSL/", "DTLS records"),
    ("cryptography/", "DTLS records"),
    ("purertc/sansio/sctp/", "SCTP"),
    ("purertc/sansio/channels/", "data channels"),
    ("purertc/sansio/ice/", "ICE and STUN"),
    ("purertc/sansio/turn/", "ICE and STUN"),
    ("purertc/wire/stun", "ICE and STUN"),
    ("purertc/wire/", "SCTP"),
    ("purertc/sansio/", "the rest of the connection"),
    ("purertc/runtime/udp", "system calls of the socket"),
    ("purertc/", "the API and its driver"),
    ("benchmarks/", "the program that sends or receives"),
)
ELSEWHERE = "event loop and others"
FUNCTIONS = 15

INTRODUCTION = """# Where the time goes

One flood of messages of 16 KiB as in [the throughput figures](figures.md). A timer of CPU time
looked a few hundred times a second at what each end was running; what C does for a Python
function, a system call or OpenSSL, counts for that function. Below, each sample counts for the
innermost layer that it was in. Where hot modules are compiled, what runs in them counts for the
interpreted function that called."""


def layer_of(stack: str) -> str:
    """Return the innermost layer of a stack."""
    for place in stack.split(";"):
        for path, layer in LAYERS:
            if path in place:
                return layer
    return ELSEWHERE


def by_layer(samples: Samples) -> Counter[str]:
    """Count samples by layer."""
    counts: Counter[str] = Counter()
    for stack, count in samples.items():
        counts[layer_of(stack)] += count
    return counts


def by_function(samples: Samples) -> Counter[str]:
    """Count samples by the innermost function, called by its file and its name."""
    counts: Counter[str] = Counter()
    for stack, count in samples.items():
        path, _, function = stack.split(";", 1)[0].rpartition(":")
        short = "/".join(path.split("/")[-2:])
        counts[f"`{short}` {function}"] += count
    return counts


def page(profiles: Mapping[str, Samples]) -> str:
    """Return the page, of the samples of each end."""
    parts = [INTRODUCTION, describe()]
    for end, samples in profiles.items():
        total = max(sum(samples.values()), 1)
        parts.append(f"## The {end}, {total} samples")
        for title, counts in (("layer", by_layer(samples)), ("function", by_function(samples))):
            rows = [
                [name, f"{100 * count / total:.1f}"]
                for name, count in counts.most_common(FUNCTIONS)
            ]
            parts.append(table([title, "% of the time"], rows))
    return "\n\n".join(parts) + "\n"
