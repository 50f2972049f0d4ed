"""Finds where callbacks are registered on connections and channels, and with what."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.analysis.values import Function
from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import needs_own_function, own_nodes, takes_long
from purertc_migrate.handlers.stability import is_loaded, unstable_name
from purertc_migrate.names import (
    CHANNEL_EVENTS,
    DEAD_CHANNEL_EVENTS,
    DEAD_PEER_EVENTS,
    PEER_EVENTS,
    EventMethod,
)

__all__ = ["Delegate", "Registration", "find_registrations", "registration_calls"]

REGISTERING = frozenset({"add_listener", "listens_to", "on"})
# Callables of the standard library that are plain functions, by their last name.
PLAIN_CALLABLES = frozenset({"append", "appendleft", "cancel", "debug", "error", "info", "print",
    "put_nowait", "set", "set_result", "warning", "write", "writelines"})  # fmt: skip


@dataclass(slots=True)
class Delegate:
    """A handler method that calls `function` with the event's arguments."""

    function: cst.BaseExpression
    first_arguments: list[cst.Arg] = field(default_factory=list)
    is_async: bool = False
    long_running: bool = False


@dataclass(slots=True)
class Registration:
    """One listener for one event of one object."""

    statement: cst.FunctionDef | cst.SimpleStatementLine
    call: cst.Call
    receiver: cst.BaseExpression
    kind: str
    event: str
    method: EventMethod | None  # None: aiortc never raises this event
    decorator: cst.Decorator | None
    callback: cst.FunctionDef | cst.Lambda | None  # what moves into the handler
    delegate: Delegate | None
    problem: tuple[str, str] | None = None
    origins: frozenset[str] = frozenset()
    todos: list[tuple[str, str]] = field(default_factory=list)
    returns_awaitable: bool = False

    @property
    def dead(self) -> bool:
        """Whether aiortc never raised this event here."""
        return self.method is None


def registration_calls(context: FileContext) -> Iterator[tuple[cst.Call, cst.Attribute, str]]:
    """Yield (call, its function, event) for everything that looks like a registration."""
    for node in context.table.scopes:
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in REGISTERING
            and node.args
            and isinstance(node.args[0].value, cst.SimpleString)
            and isinstance(node.args[0].value.raw_value, str)
        ):
            yield node, node.func, node.args[0].value.raw_value


def find_registrations(context: FileContext) -> list[Registration]:
    """Return the registrations on known connections and channels, in source order."""
    found = []
    for call, function, event in registration_calls(context):
        kinds = context.kinds(function.value) & {"pc", "channel"}
        if len(kinds) != 1:
            continue
        registration = _read(context, call, function, event, kinds.pop())
        if registration is not None:
            found.append(registration)
    return found


def _read(
    context: FileContext, call: cst.Call, function: cst.Attribute, event: str, kind: str
) -> Registration | None:
    table = context.table
    parent = table.parents[call]
    decorator = parent if isinstance(parent, cst.Decorator) else None
    callback: cst.CSTNode | None = call.args[1].value if len(call.args) > 1 else None
    if isinstance(parent, cst.Call) and parent.func is call and parent.args:
        callback = parent.args[0].value
        parent = table.parents[parent]
    if decorator is not None:
        statement: cst.CSTNode = table.parents[decorator]
    elif callback is not None and isinstance(parent, cst.Expr):
        statement = table.parents[parent]
    else:
        return None
    if not isinstance(statement, cst.FunctionDef | cst.SimpleStatementLine):
        return None
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1:
        return None
    origins = frozenset(context.origins(function.value))
    registration = Registration(
        statement, call, function.value, kind, event, _method(kind, event, origins), decorator,
        None, None, origins=origins,
    )  # fmt: skip
    if decorator is not None and isinstance(statement, cst.FunctionDef):
        _read_decorated(context, registration, statement)
    elif isinstance(callback, cst.BaseExpression):
        _read_callable(context, registration, callback)
    _check_arity(registration)
    _check_stability(context, registration)
    return registration


def _check_stability(context: FileContext, registration: Registration) -> None:
    delegate = registration.delegate
    if delegate is None or registration.problem is not None:
        return
    used = [delegate.function, *(argument.value for argument in delegate.first_arguments)]
    name = unstable_name(context, registration.statement, used)
    if name is not None:
        registration.problem = (
            f"{name} gets another meaning after the registration",
            f"use a name of its own for each {name}, or register in a function of its own",
        )


def _method(kind: str, event: str, origins: frozenset[str]) -> EventMethod | None:
    if kind == "pc":
        return PEER_EVENTS.get(event)
    if event == "open" and origins == {"remote"}:
        return None
    return CHANNEL_EVENTS.get(event)


def is_known_event(kind: str, event: str) -> bool:
    """Tell whether the tool knows what aiortc does with this event."""
    if kind == "pc":
        return event in PEER_EVENTS or event in DEAD_PEER_EVENTS
    return event in CHANNEL_EVENTS or event in DEAD_CHANNEL_EVENTS


def _read_decorated(
    context: FileContext, registration: Registration, function: cst.FunctionDef
) -> None:
    listeners = [d for d in function.decorators if _is_registration(context, d)]
    if len(listeners) != len(function.decorators):
        registration.problem = (
            f"the callback {function.name.value} has other decorators too",
            "register the decorated function with a call of its own",
        )
        return
    scope = context.table.scopes[function]
    references = context.imports.references(scope, function.name.value)
    uses = any(is_loaded(context, reference) for reference in references)
    is_async = function.asynchronous is not None
    long_running = is_async and registration.event != "datachannel" and takes_long(function)
    if uses or len(listeners) > 1 or long_running or needs_own_function(function):
        registration.delegate = Delegate(
            function.name, is_async=is_async, long_running=long_running
        )
    else:
        registration.callback = function


def _is_registration(context: FileContext, decorator: cst.Decorator) -> bool:
    call = decorator.decorator
    return (
        isinstance(call, cst.Call)
        and isinstance(call.func, cst.Attribute)
        and call.func.attr.value in REGISTERING
        and bool(context.kinds(call.func.value) & {"pc", "channel"})
    )


def _read_callable(
    context: FileContext, registration: Registration, callback: cst.BaseExpression
) -> None:
    first: list[cst.Arg] = []
    if isinstance(callback, cst.Call) and dotted_name(callback.func) in {
        "functools.partial",
        "partial",
    }:
        if not callback.args or any(argument.star for argument in callback.args):
            registration.problem = ("the callback is built at run time", "use a plain function")
            return
        first = list(callback.args[1:])
        callback = callback.args[0].value
    if isinstance(callback, cst.Lambda) and not first:
        registration.callback = callback
        registration.returns_awaitable = _returns_coroutine(context, callback)
        return
    if not isinstance(callback, cst.Name | cst.Attribute):
        registration.problem = (
            f"the callback {context.code(callback)} is built at run time",
            "give the function a name and register that",
        )
        return
    functions = [value for value in context.values(callback) if isinstance(value, Function)]
    colours = {_is_async(value) for value in functions}
    if len(colours) == 1:
        slow = any(
            isinstance(value.node, cst.FunctionDef) and takes_long(value.node)
            for value in functions
        )
        is_async = colours.pop()
        long_running = is_async and slow and registration.event != "datachannel"
        registration.delegate = Delegate(callback, first, is_async, long_running)
    elif not functions and _last_name(callback) in PLAIN_CALLABLES:
        registration.delegate = Delegate(callback, first)
    else:
        registration.problem = (
            f"cannot tell whether {context.code(callback)} is a coroutine function",
            "register a function that is defined in the same program",
        )


def _returns_coroutine(context: FileContext, callback: cst.Lambda) -> bool:
    """Tell whether the lambda calls a coroutine function; pyee ran what it returned."""
    if not isinstance(callback.body, cst.Call):
        return False
    functions = [v for v in context.values(callback.body.func) if isinstance(v, Function)]
    return bool(functions) and all(_is_async(function) for function in functions)


def _is_async(function: Function) -> bool:
    return isinstance(function.node, cst.FunctionDef) and function.node.asynchronous is not None


def _last_name(node: cst.Name | cst.Attribute) -> str:
    return node.value if isinstance(node, cst.Name) else node.attr.value


def _check_arity(registration: Registration) -> None:
    """A callback that moves must take just the event's arguments (more only with defaults)."""
    callback, method = registration.callback, registration.method
    if callback is None or method is None or registration.problem is not None:
        return
    parameters = callback.params
    plain = [*parameters.posonly_params, *parameters.params]
    required = [parameter for parameter in plain if parameter.default is None]
    strange = (
        isinstance(parameters.star_arg, cst.Param)
        or parameters.star_kwarg is not None
        or any(parameter.default is None for parameter in parameters.kwonly_params)
        or len(required) > method.callback_arguments
        or len(plain) < method.callback_arguments
    )
    if strange or any(isinstance(node, cst.Yield) for node in own_nodes(callback)):
        registration.problem = (
            f"the callback's parameters do not fit the event {registration.event!r}",
            f"let the callback take {method.callback_arguments} arguments",
        )
