"""Builds handler classes out of callbacks and puts them where the registrations stood."""

from collections.abc import Sequence

import libcst as cst

from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.context import FileContext
from purertc_migrate.handlers.bodies import all_names
from purertc_migrate.handlers.groups import Group
from purertc_migrate.handlers.registrations import REGISTERING, Delegate, Registration
from purertc_migrate.plan import Statement, todo_line

__all__ = ["argument_name", "emit_group", "handler_name"]

BLANK = cst.EmptyLine(indent=False)


def handler_name(callback: cst.CSTNode | None) -> str:
    """Return the name of a method's first parameter; it must not hide the caller's `self`."""
    names = set() if callback is None else all_names(callback)
    return "self" if "self" not in names else _unused("_handler", names)


def argument_name(registration: Registration) -> str | None:
    """Return the name for the state that the method gets and the callback did not."""
    method = registration.method
    if method is None or method.argument is None or method.callback_arguments:
        return None
    names = set() if registration.callback is None else all_names(registration.callback)
    return _unused(method.argument, names)


def _unused(name: str, names: set[str]) -> str:
    while name in names:
        name = f"_{name}"
    return name


def emit_group(context: FileContext, group: Group) -> None:
    """Plan the class and its attachment, and the removal of the registrations."""
    base = cst.parse_expression(context.new_name(group.base, group.anchor))

    def rebuild(lines: dict[cst.CSTNode, list[Statement]]) -> None:
        first = lines[group.registrations[0].statement][0]
        blank, _ = _split_leading(first.leading_lines)
        methods: list[cst.FunctionDef] = []
        for registration in group.registrations:
            methods.append(_method(registration, lines[registration.statement][0]))
            kept = _what_stays(registration, lines[registration.statement])
            lines[registration.statement] = kept
        needs_tasks = [
            registration for registration in group.registrations if _keeps_tasks(registration)
        ]
        if needs_tasks:
            methods.insert(0, _constructor())
        definition = _class(group.class_name, base, methods, blank)
        attach = cst.SimpleStatementLine(
            [
                cst.Expr(
                    cst.Call(
                        cst.Attribute(group.receiver.deep_clone(), cst.Name("attach")),
                        [cst.Arg(cst.Call(cst.Name(group.class_name)))],
                    )
                )
            ],
            leading_lines=[BLANK],
        )
        anchor = group.anchor
        is_first = next(node for node in lines if lines[node] or node is anchor) is anchor
        if lines[anchor] or not (blank or is_first):
            definition = definition.with_changes(leading_lines=[BLANK])
        lines[anchor] = [*lines[anchor], definition, attach]

    context.plan.edit_block(group.block, rebuild)


def _class(
    name: str,
    base: cst.BaseExpression,
    methods: Sequence[cst.FunctionDef],
    blank: Sequence[cst.EmptyLine],
) -> cst.ClassDef:
    first, *rest = methods
    body = [first, *(_separated(method) for method in rest)]
    return cst.ClassDef(
        cst.Name(name),
        cst.IndentedBlock(body),
        bases=[cst.Arg(base)],
        leading_lines=blank,
    )


def _separated(method: cst.FunctionDef) -> cst.FunctionDef:
    return method.with_changes(leading_lines=[BLANK, *method.leading_lines])


def _split_leading(
    lines: Sequence[cst.EmptyLine],
) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """Split blank lines and comments: the class takes the first, a method the others."""
    blank: list[cst.EmptyLine] = []
    for line in lines:
        if line.comment is not None:
            break
        blank.append(line)
    return blank, list(lines[len(blank) :])


def _comments(statement: Statement) -> list[cst.EmptyLine]:
    """Collect the comments in and around a registration as lines above the method."""
    _, found = _split_leading(statement.leading_lines)
    if isinstance(statement, cst.FunctionDef):
        for decorator in statement.decorators:
            found += [line for line in decorator.leading_lines if line.comment is not None]
            found += _own_line(decorator.trailing_whitespace)
        found += [line for line in statement.lines_after_decorators if line.comment is not None]
    elif isinstance(statement, cst.SimpleStatementLine):
        found += _own_line(statement.trailing_whitespace)
    return found


def _own_line(whitespace: cst.TrailingWhitespace) -> list[cst.EmptyLine]:
    comment = whitespace.comment
    if comment is None or comment.value.replace(" ", "").startswith(("#type:ignore", "#noqa")):
        return []
    return [cst.EmptyLine(comment=comment)]


def _what_stays(registration: Registration, statements: list[Statement]) -> list[Statement]:
    """Return what is left at the place of the registration."""
    first = statements[0]
    if registration.delegate is None or not isinstance(first, cst.FunctionDef):
        return []
    return [strip_decorators(first), *statements[1:]]


def strip_decorators(function: cst.FunctionDef) -> cst.FunctionDef:
    """Return the function without its `.on(…)` decorators; their comments move above it."""
    kept: list[cst.Decorator] = []
    comments: list[cst.EmptyLine] = []
    for decorator in function.decorators:
        call = decorator.decorator
        name = dotted_name(call.func) if isinstance(call, cst.Call) else None
        if name is not None and name.rsplit(".", 1)[-1] in REGISTERING:
            comments += [line for line in decorator.leading_lines if line.comment is not None]
            comments += _own_line(decorator.trailing_whitespace)
        elif (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and (call.func.attr.value in REGISTERING)
        ):
            comments += _own_line(decorator.trailing_whitespace)
        else:
            kept.append(decorator)
    return function.with_changes(
        decorators=kept,
        leading_lines=[*function.leading_lines, *comments, *_only_comments(function)],
        lines_after_decorators=[],
    )


def _only_comments(function: cst.FunctionDef) -> list[cst.EmptyLine]:
    return [line for line in function.lines_after_decorators if line.comment is not None]


def _method(registration: Registration, statement: Statement) -> cst.FunctionDef:
    """Build the handler method of one registration."""
    method = registration.method
    if method is None:
        raise TypeError("a dead event has no handler method")
    comments = [] if _stays(registration) else _comments(statement)
    comments += [todo_line(rule, text) for rule, text in registration.todos]
    if registration.callback is not None and isinstance(statement, cst.FunctionDef):
        return _from_function(registration, statement, comments)
    if registration.callback is not None:
        body = _lambda_of(statement).body
        if registration.returns_awaitable:
            body = cst.Await(body)
        own = _lambda_of(statement).params
        return _plain_method(registration, own, [_expression_line(body)], comments)
    if registration.delegate is None:
        raise TypeError("a registration without callback")
    return _delegating(registration, registration.delegate, statement, comments)


def _stays(registration: Registration) -> bool:
    """Tell whether the decorated function stays, with its comments."""
    return registration.delegate is not None and registration.decorator is not None


def _from_function(
    registration: Registration, function: cst.FunctionDef, comments: list[cst.EmptyLine]
) -> cst.FunctionDef:
    name = "" if registration.method is None else registration.method.method
    return function.with_changes(
        name=cst.Name(name),
        asynchronous=cst.Asynchronous(),
        decorators=[],
        leading_lines=comments,
        lines_after_decorators=[],
        params=_parameters(registration, function.params),
    )


def _parameters(registration: Registration, own: cst.Parameters) -> cst.Parameters:
    """Put the handler, and arguments that the callback did not take, before its parameters."""
    method = registration.method
    given = [cst.Param(cst.Name(handler_name(registration.callback)))]
    state = argument_name(registration)
    if state is not None:
        given.append(cst.Param(cst.Name(state)))
    field = "posonly_params" if own.posonly_params else "params"
    existing: list[cst.Param] = list(getattr(own, field))
    if method is not None and method.method == "on_error":
        where = cst.Param(cst.Name("where"))
        existing[1:1] = [where]
    parameters = [*given, *existing]
    last = len(parameters) - 1
    for position, parameter in enumerate(parameters):
        needs_comma = position < last and isinstance(parameter.comma, cst.MaybeSentinel)
        if needs_comma:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            parameters[position] = parameter.with_changes(comma=comma)
    return own.with_changes(**{field: parameters})


def _plain_method(
    registration: Registration,
    own: cst.Parameters,
    body: Sequence[cst.SimpleStatementLine],
    comments: list[cst.EmptyLine],
) -> cst.FunctionDef:
    name = "" if registration.method is None else registration.method.method
    return cst.FunctionDef(
        cst.Name(name),
        _parameters(registration, own),
        cst.IndentedBlock(body),
        asynchronous=cst.Asynchronous(),
        leading_lines=comments,
    )


def _expression_line(expression: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Expr(expression)])


def _registering_call(statement: Statement) -> cst.Call:
    if isinstance(statement, cst.SimpleStatementLine):
        expression = statement.body[0]
        if isinstance(expression, cst.Expr) and isinstance(expression.value, cst.Call):
            return expression.value
    raise TypeError("no call at the place of a registration")


def _callable_of(statement: Statement) -> cst.BaseExpression:
    """Return the registered callable, as the other edits have left it."""
    return _registering_call(statement).args[-1].value


def _lambda_of(statement: Statement) -> cst.Lambda:
    function = _callable_of(statement)
    if not isinstance(function, cst.Lambda):
        raise TypeError("no lambda at the place of a registration")
    return function


def _delegating(
    registration: Registration,
    delegate: Delegate,
    statement: Statement,
    comments: list[cst.EmptyLine],
) -> cst.FunctionDef:
    """Build a method that calls the function with the arguments of the event."""
    method = registration.method
    function = delegate.function
    arguments: list[cst.Arg] = []
    if registration.decorator is None:
        function = _callable_of(statement)
        if isinstance(function, cst.Call):  # functools.partial
            arguments = list(function.args[1:])
            function = function.args[0].value
    own: list[cst.Param] = []
    used = all_names(function) | {name for arg in arguments for name in all_names(arg)}
    if method is not None and method.argument is not None and method.callback_arguments:
        name = _unused(method.argument, used)
        own.append(cst.Param(cst.Name(name)))
        arguments.append(cst.Arg(cst.Name(name)))
    call = cst.Call(function, [_without_layout(argument) for argument in arguments])
    built = _plain_method(
        registration, cst.Parameters(own), _running(registration, delegate, call, used), comments
    )
    if "self" in used:
        first, *rest = built.params.params
        renamed = first.with_changes(name=cst.Name("_handler"))
        built = built.with_changes(params=built.params.with_changes(params=[renamed, *rest]))
    return built


def _without_layout(argument: cst.Arg) -> cst.Arg:
    return argument.with_changes(
        comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=cst.SimpleWhitespace("")
    )


def _running(
    registration: Registration, delegate: Delegate, call: cst.Call, used: set[str]
) -> list[cst.SimpleStatementLine]:
    """Return the statements that run the function, in a task when it may take long."""
    if not delegate.is_async:
        return [_expression_line(call)]
    if not delegate.long_running:
        return [_expression_line(cst.Await(call))]
    handler = "_handler" if "self" in used else "self"
    started = cst.Call(cst.parse_expression("asyncio.create_task"), [cst.Arg(call)])
    if not _keeps_tasks(registration):
        return [_assignment(cst.parse_expression(f"{handler}.task"), started)]
    task = _unused("task", used)
    return [
        _assignment(cst.Name(task), started),
        _expression_line(cst.parse_expression(f"{handler}.tasks.add({task})")),
        _expression_line(
            cst.parse_expression(f"{task}.add_done_callback({handler}.tasks.discard)")
        ),
    ]


def _assignment(target: cst.BaseExpression, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    if not isinstance(target, cst.Name | cst.Attribute):
        raise TypeError("not a target")
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(target)], value)])


def _keeps_tasks(registration: Registration) -> bool:
    """Tell whether several tasks of one method can run at once; a channel opens only once."""
    delegate = registration.delegate
    return delegate is not None and delegate.long_running and registration.event != "open"


def _constructor() -> cst.FunctionDef:
    statement = cst.parse_statement("def __init__(self) -> None:\n    self.tasks = set()\n")
    if not isinstance(statement, cst.FunctionDef):
        raise TypeError("not a function")
    return statement
