"""Test a program on virtual time over a simulated network: fast, and the same on every run.

:class:`VirtualRuntime` runs coroutines that use purertc and nothing else, :func:`run_virtual`
whole asyncio programs, and :class:`SimulatedNetwork` is what lies between their hosts.
"""

from purertc.testing.ambient import EPOCH as EPOCH
from purertc.testing.clock import ScheduledCall as ScheduledCall
from purertc.testing.clock import VirtualClock as VirtualClock
from purertc.testing.conditions import LinkConditions as LinkConditions
from purertc.testing.counters import LinkCounters as LinkCounters
from purertc.testing.counters import NetworkCounters as NetworkCounters
from purertc.testing.host import SimulatedHost as SimulatedHost
from purertc.testing.link import SimulatedLink as SimulatedLink
from purertc.testing.loop import VirtualLoop as VirtualLoop
from purertc.testing.nat import NatKind as NatKind
from purertc.testing.network import SimulatedNetwork as SimulatedNetwork
from purertc.testing.partition import Partition as Partition
from purertc.testing.realm import SimulatedNat as SimulatedNat
from purertc.testing.run import run_virtual as run_virtual
from purertc.testing.run import virtual_asyncio as virtual_asyncio
from purertc.testing.runtime import VirtualRuntime as VirtualRuntime
from purertc.testing.scheduler import StuckError as StuckError
from purertc.testing.stun_server import SimulatedStunServer as SimulatedStunServer
from purertc.testing.tasks import TaskCancelled as TaskCancelled
from purertc.testing.tasks import VirtualEvent as VirtualEvent
from purertc.testing.tasks import VirtualTask as VirtualTask
from purertc.testing.tcp import VirtualTcpListener as VirtualTcpListener
from purertc.testing.tcp import VirtualTcpStream as VirtualTcpStream
from purertc.testing.trace import Trace as Trace
from purertc.testing.trace import TraceEntry as TraceEntry
from purertc.testing.turn_lies import TurnLie as TurnLie
from purertc.testing.turn_server import SimulatedTurnServer as SimulatedTurnServer
from purertc.testing.udp import SimulatedSocket as SimulatedSocket

__all__ = [
    "EPOCH",
    "LinkConditions",
    "LinkCounters",
    "NatKind",
    "NetworkCounters",
    "Partition",
    "ScheduledCall",
    "SimulatedHost",
    "SimulatedLink",
    "SimulatedNat",
    "SimulatedNetwork",
    "SimulatedSocket",
    "SimulatedStunServer",
    "SimulatedTurnServer",
    "StuckError",
    "TaskCancelled",
    "Trace",
    "TraceEntry",
    "TurnLie",
    "VirtualClock",
    "VirtualEvent",
    "VirtualLoop",
    "VirtualRuntime",
    "VirtualTask",
    "VirtualTcpListener",
    "VirtualTcpStream",
    "run_virtual",
    "virtual_asyncio",
]
