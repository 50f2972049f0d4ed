"""RM104: subclasses of aiortc's classes."""

import libcst as cst

from purertc_migrate.analysis.values import Legacy
from purertc_migrate.context import FileContext
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]


def _check(context: FileContext) -> None:
    for node in context.table.scopes:
        if not isinstance(node, cst.ClassDef):
            continue
        for base in node.bases:
            legacy = [v for v in context.values(base.value) if isinstance(v, Legacy)]
            if legacy:
                context.block(
                    node, "RM104", f"{node.name.value} derives from {context.code(base.value)}",
                    "hold the object in an attribute instead of deriving from its class",
                )  # fmt: skip


RULE = Rule(
    id="RM104",
    slug="subclasses",
    title="Subclasses of aiortc's classes",
    explanation=(
        "A subclass of `RTCPeerConnection` adds to an event emitter that purertc does not have."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


class Publisher(RTCPeerConnection):
    pass
""",
            after="""\
from purertc_compat import RTCPeerConnection


# TODO(rtc-migrate) RM104: stays on purertc_compat: Publisher derives from RTCPeerConnection; to unblock, hold the object in an attribute instead of deriving from its class.
class Publisher(RTCPeerConnection):
    pass
""",  # noqa: E501
        ),
    ),
    check=_check,
)
