"""RM103: one-shot listeners, removing listeners and raising events by hand."""

import libcst as cst

from purertc_migrate.context import FileContext
from purertc_migrate.handlers.registrations import REGISTERING, is_known_event
from purertc_migrate.rules.base import Example, Rule

__all__ = ["EMITTER_MEMBERS", "RULE"]

EMITTER_MEMBERS = frozenset({"cancel", "complete", "emit", "event_names", "listeners", "once",
    "remove_all_listeners", "remove_listener", "wait_for_complete"})  # fmt: skip


def _check(context: FileContext) -> None:
    known = {registration.call for registration in context.registrations}
    for node in context.table.scopes:
        if not isinstance(node, cst.Attribute):
            continue
        kinds = context.kinds(node.value) & {"pc", "channel"}
        if not kinds:
            continue
        name = node.attr.value
        if name in EMITTER_MEMBERS:
            context.block(
                node, "RM103", f"purertc has no {name}",
                "keep a flag in the callback instead of removing or raising it",
            )  # fmt: skip
        elif name in REGISTERING and context.table.parents[node] not in known:
            context.block(
                node, "RM103", "the listener is registered in a way that is not understood",
                'register with a decorator: @x.on("event")',
            )  # fmt: skip
    for registration in context.registrations:
        if registration.event != "track" and not is_known_event(
            registration.kind, registration.event
        ):
            context.block(
                registration.call, "RM103",
                f'"{registration.event}" is an event of the program\'s own',
                "raise it on an emitter of its own",
            )  # fmt: skip


RULE = Rule(
    id="RM103",
    slug="emitter",
    title="Other uses of the event emitter",
    explanation=(
        "`once`, `remove_listener`, `emit` and events of the program's own have no counterpart: "
        "handlers of purertc are attached for good, and only the library raises events."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def stop(pc: RTCPeerConnection):
    pc.remove_all_listeners("connectionstatechange")
""",
            after="""\
from purertc_compat import RTCPeerConnection


def stop(pc: RTCPeerConnection):
    # TODO(rtc-migrate) RM103: stays on purertc_compat: purertc has no remove_all_listeners; to unblock, keep a flag in the callback instead of removing or raising it.
    pc.remove_all_listeners("connectionstatechange")
""",  # noqa: E501
        ),
    ),
    check=_check,
)
