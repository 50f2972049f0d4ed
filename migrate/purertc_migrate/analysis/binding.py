"""Lets names, attributes, containers and parameters stand for what flows into them."""

from collections.abc import Iterable

import libcst as cst

from purertc_migrate.analysis.evaluation import STORERS, Evaluator, constant_key
from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.analysis.values import Class, Container, Function, Instance, Value
from purertc_migrate.context import FileContext

__all__ = ["Binder"]


class Binder(Evaluator):
    """An evaluator that also follows assignments, stores and calls."""

    def assign(self, context: FileContext, target: cst.CSTNode, value: cst.CSTNode) -> None:
        """Flow an assignment; tuples on both sides are matched element by element."""
        if (
            isinstance(target, cst.Tuple | cst.List)
            and isinstance(value, cst.Tuple | cst.List)
            and len(target.elements) == len(value.elements)
        ):
            for left, right in zip(target.elements, value.elements, strict=True):
                self.assign(context, left.value, right.value)
            return
        self.bind(context, target, self.evaluate(context, value))

    def assign_items(
        self, context: FileContext, target: cst.CSTNode, iterable: cst.BaseExpression
    ) -> None:
        """Flow a loop's iteration variable."""
        names = [e.value for e in target.elements] if isinstance(target, cst.Tuple) else []
        if isinstance(iterable, cst.Call) and len(names) == 2:
            method = dotted_name(iterable.func) or ""
            if method == "enumerate" and iterable.args:
                self.assign_items(context, names[1], iterable.args[0].value)
                return
            if isinstance(iterable.func, cst.Attribute) and iterable.func.attr.value == "items":
                containers = self.evaluate(context, iterable.func.value)
                self.bind(context, names[0], self._keys(containers))
                self.bind(context, names[1], self.items(containers))
                return
        containers = self.evaluate(context, iterable)
        values = self.items(containers)
        if not (isinstance(iterable, cst.Call) and _is_values(iterable)):
            values |= self._keys(containers)
        self.bind(context, target, values)

    def _keys(self, values: Iterable[Value]) -> frozenset[Value]:
        found: set[Value] = set()
        for value in values:
            if isinstance(value, Container):
                found |= self.get(("dictkey", value.node))
        return frozenset(found)

    def bind(self, context: FileContext, target: cst.CSTNode, values: frozenset[Value]) -> None:
        """Let an assignment target be one of `values` too."""
        match target:
            case cst.Name():
                found = context.table.scopes[target].resolve(target.value)
                if found is not None:
                    self.add(("name", found, target.value), values)
            case cst.Attribute():
                self._bind_attribute(context, target, values)
            case cst.Subscript():
                self._bind_item(context, target, values)
            case cst.Tuple() | cst.List():
                for element in target.elements:
                    self.bind(context, element.value, values | self.items(values))
            case _:
                pass

    def _bind_attribute(
        self, context: FileContext, target: cst.Attribute, values: frozenset[Value]
    ) -> None:
        name = target.attr.value
        base = self.evaluate(context, target.value)
        self.add(("anyattr", name), values)
        if not base:
            self.add(("looseattr", name), values)
        for value in base:
            if isinstance(value, Instance | Class):
                cls = value.cls if isinstance(value, Instance) else value
                self.add(("attr", cls.node, name), values)

    def _bind_item(
        self, context: FileContext, target: cst.Subscript, values: frozenset[Value]
    ) -> None:
        base = self.evaluate(context, target.value)
        key = constant_key(target)
        for value in base:
            if isinstance(value, Container):
                self.add(("item", value.node, key), values)
                if key is not None:
                    self.add(("keyed", value.node), values)
                for element in target.slice:
                    if isinstance(element.slice, cst.Index):
                        keys = self.evaluate(context, element.slice.value)
                        self.add(("dictkey", value.node), keys)
        if not base and key is not None:
            self.add(("key", key), values)

    def store(self, context: FileContext, node: cst.Call) -> None:
        """Flow what a call puts into a container."""
        if not isinstance(node.func, cst.Attribute) or not node.args:
            return
        name = node.func.attr.value
        values = self.evaluate(context, node.args[-1].value)
        if name in {"extend", "update"}:
            values = self.items(values)
        elif name not in STORERS:
            return
        for value in self.evaluate(context, node.func.value):
            if isinstance(value, Container):
                self.add(("item", value.node, None), values)

    def add_parameter(
        self,
        context: FileContext,
        node: cst.FunctionDef | cst.Lambda,
        parameter: cst.Param,
        values: Iterable[Value],
    ) -> None:
        """Let a parameter be one of `values` too."""
        scope = context.table.by_node.get(node)
        if scope is not None:
            self.add(("name", scope, parameter.name.value), values)

    def bind_first(self, function: Function, values: Iterable[Value]) -> None:
        """Let the first argument of a callback be one of `values` too."""
        parameters = positional(function)
        scope = function.table.by_node.get(function.node)
        if parameters and scope is not None:
            self.add(("name", scope, parameters[0].name.value), values)

    def bind_arguments(self, context: FileContext, callee: Value, node: cst.Call) -> None:
        """Flow the arguments of a call into the parameters of the program's own function."""
        if isinstance(callee, Class):
            if not self._bind_constructor(context, callee, node):
                self._bind_fields(context, callee, node)
        elif isinstance(callee, Function):
            self._bind_parameters(context, callee, node.args)

    def _bind_constructor(self, context: FileContext, cls: Class, node: cst.Call) -> bool:
        found = False
        for value in self._member(cls, "__init__", bound=True):
            if isinstance(value, Function):
                self._bind_parameters(context, value, node.args)
                found = True
        return found

    def _bind_fields(self, context: FileContext, cls: Class, node: cst.Call) -> None:
        """The constructor of a dataclass takes its annotated fields in order."""
        body = cls.node.body.body
        fields = [
            line.target.value
            for statement in body
            if isinstance(statement, cst.SimpleStatementLine)
            for line in statement.body
            if isinstance(line, cst.AnnAssign) and isinstance(line.target, cst.Name)
        ]
        for position, argument in enumerate(node.args):
            if argument.keyword is not None:
                name = argument.keyword.value
            elif position < len(fields) and not argument.star:
                name = fields[position]
            else:
                continue
            values = self.evaluate(context, argument.value)
            self.add(("attr", cls.node, name), values)
            self.add(("anyattr", name), values)

    def _bind_parameters(
        self, context: FileContext, callee: Function, arguments: Iterable[cst.Arg]
    ) -> None:
        scope = callee.table.by_node.get(callee.node)
        if scope is None:
            return
        parameters = positional(callee)
        for position, argument in enumerate(arguments):
            if argument.star:
                break
            if argument.keyword is not None:
                name = argument.keyword.value
            elif position < len(parameters):
                name = parameters[position].name.value
            else:
                continue
            self.add(("name", scope, name), self.evaluate(context, argument.value))


def positional(function: Function) -> list[cst.Param]:
    """Return the parameters a caller fills in order, without a bound `self`."""
    parameters = [*function.node.params.posonly_params, *function.node.params.params]
    return parameters[1:] if function.bound else parameters


def _is_values(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "values"
