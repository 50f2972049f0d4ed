"""RM107: callbacks that cannot be resolved."""

from purertc_migrate.context import FileContext
from purertc_migrate.rules.base import Example, Rule

__all__ = ["RULE"]


def _check(context: FileContext) -> None:
    for registration in context.registrations:
        if registration.problem is not None and not registration.dead:
            context.block(registration.call, "RM107", *registration.problem)


RULE = Rule(
    id="RM107",
    slug="callbacks",
    title="Callbacks that cannot be resolved",
    explanation=(
        "A handler method has to know whether to await the callback and what to pass. Functions, "
        "methods, lambdas and `functools.partial` of the program's own are resolved; what comes "
        "from elsewhere at run time is not."
    ),
    examples=(
        Example(
            before="""\
from aiortc import RTCPeerConnection


def wire(pc: RTCPeerConnection, plugins):
    pc.on("datachannel", plugins.find("channel"))
""",
            after="""\
from purertc_compat import RTCPeerConnection


def wire(pc: RTCPeerConnection, plugins):
    # TODO(rtc-migrate) RM107: stays on purertc_compat: the callback plugins.find("channel") is built at run time; to unblock, give the function a name and register that.
    pc.on("datachannel", plugins.find("channel"))
""",  # noqa: E501
        ),
    ),
    check=_check,
)
