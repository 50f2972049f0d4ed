"""An association is freed by reference counting alone."""

import gc
from random import Random

from purertc.sansio.sctp import AssociationState, SctpAssociation, SctpConfig


def use_and_forget() -> None:
    ends = [SctpAssociation(SctpConfig(), Random(seed).randbytes) for seed in (1, 2)]
    ends[0].connect(0.0)
    ends[0].send(1, 53, bytes(5_000), 0.0, max_retransmits=1)
    for _ in range(6):
        ends[1].receive(ends[0].packets(0.0), 0.0)
        ends[0].receive(ends[1].packets(0.0), 0.0)
    assert ends[0].state is AssociationState.ESTABLISHED
    assert len(ends[1].inbox) == 1
    ends[0].reset_streams([1], 0.0)
    ends[0].packets(0.0)
    ends[0].abort("done")


def test_no_reference_cycles() -> None:
    use_and_forget()
    gc.collect()
    gc.disable()
    try:
        use_and_forget()
        assert gc.collect() == 0
    finally:
        gc.enable()
