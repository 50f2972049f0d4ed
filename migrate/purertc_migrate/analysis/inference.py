"""Follows aiortc objects through a whole run: names, attributes, parameters, containers.

Values only ever grow, and every file is looked at again until nothing grows any more, so the
result does not depend on the order of files or statements.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import libcst as cst

from purertc_migrate.analysis.binding import Binder
from purertc_migrate.analysis.modules import ModuleIndex
from purertc_migrate.analysis.scopes import dotted_name
from purertc_migrate.analysis.values import (
    REMOTE,
    Class,
    Function,
    Instance,
    Kind,
    LocalModule,
    Value,
)
from purertc_migrate.context import FileContext

__all__ = ["Inference"]

MAX_PASSES = 40
INTERESTING = (
    cst.AnnAssign,
    cst.Assign,
    cst.Call,
    cst.ClassDef,
    cst.CompFor,
    cst.For,
    cst.FunctionDef,
    cst.Import,
    cst.ImportFrom,
    cst.Lambda,
    cst.NamedExpr,
    cst.Return,
    cst.WithItem,
    cst.Yield,
)


class Inference:
    """What every expression of the run can be."""

    def __init__(self, contexts: Sequence[FileContext], unread: Iterable[str] = ()) -> None:
        """Analyse the files; `unread` names legacy files whose content is not known."""
        self.contexts = {context.source.name: context for context in contexts}
        self.modules = ModuleIndex([*self.contexts, *unread])
        self.links: dict[str, set[str]] = defaultdict(set)
        self.evaluator = Binder(self.contexts)
        self._work: list[tuple[FileContext, cst.CSTNode]] = [
            (context, node)
            for _, context in sorted(self.contexts.items())
            for node in context.table.scopes
            if isinstance(node, INTERESTING)
        ]
        self._run()

    def values(self, context: FileContext, node: cst.CSTNode) -> frozenset[Value]:
        """Return everything the expression can be."""
        return self.evaluator.evaluate(context, node)

    def kinds(self, context: FileContext, node: cst.CSTNode) -> set[str]:
        """Return the kinds of aiortc objects the expression can be."""
        return {value.name for value in self.values(context, node) if isinstance(value, Kind)}

    def _run(self) -> None:
        for _ in range(MAX_PASSES):
            self.evaluator.changed = False
            for context, node in self._work:
                self._flow(context, node)
            if not self.evaluator.changed:
                return

    def _flow(self, context: FileContext, node: cst.CSTNode) -> None:
        evaluator = self.evaluator
        match node:
            case cst.Assign():
                for target in node.targets:
                    evaluator.assign(context, target.target, node.value)
            case cst.AnnAssign():
                self._annotated(context, node)
            case cst.NamedExpr():
                evaluator.assign(context, node.target, node.value)
            case cst.For() | cst.CompFor():
                evaluator.assign_items(context, node.target, node.iter)
            case cst.WithItem() if node.asname is not None:
                evaluator.assign(context, node.asname.name, node.item)
            case cst.Call():
                self._call(context, node)
            case _:
                self._flow_definition(context, node)

    def _flow_definition(self, context: FileContext, node: cst.CSTNode) -> None:
        evaluator = self.evaluator
        match node:
            case cst.Return() if node.value is not None:
                self._returned(context, node, node.value)
            case cst.Yield() if isinstance(node.value, cst.BaseExpression):
                self._yielded(context, node, node.value)
            case cst.FunctionDef():
                self._function(context, node)
            case cst.Lambda():
                evaluator.add(("return", node), evaluator.evaluate(context, node.body))
            case cst.ClassDef():
                scope = context.table.scopes[node]
                evaluator.add(("name", scope, node.name.value), {Class(context.table, node)})
            case cst.ImportFrom():
                self._import_from(context, node)
            case cst.Import():
                self._import(context, node)
            case _:
                pass

    def _annotated(self, context: FileContext, node: cst.AnnAssign) -> None:
        values = self.evaluator.annotation(context, node.annotation.annotation)
        self.evaluator.bind(context, node.target, values)
        if node.value is not None:
            self.evaluator.assign(context, node.target, node.value)

    def _returned(self, context: FileContext, node: cst.Return, value: cst.BaseExpression) -> None:
        function = context.table.function(node)
        if function is not None:
            self.evaluator.add(("return", function), self.evaluator.evaluate(context, value))

    def _yielded(self, context: FileContext, node: cst.Yield, value: cst.BaseExpression) -> None:
        function = context.table.function(node)
        if function is not None:
            # A generator, or the context manager made of one, gives what it yields.
            values = self.evaluator.evaluate(context, value)
            self.evaluator.add(("return", function), values)
            self.evaluator.add(("item", function, None), values)

    def _function(self, context: FileContext, node: cst.FunctionDef) -> None:
        evaluator = self.evaluator
        scope = context.table.scopes[node]
        function = Function(context.table, node)
        decorators = [decorator.decorator for decorator in node.decorators]
        evaluator.add(("name", scope, node.name.value), {function})
        for parameter in all_parameters(node.params):
            if parameter.annotation is not None:
                values = evaluator.annotation(context, parameter.annotation.annotation)
                evaluator.add_parameter(context, node, parameter, values)
            if parameter.default is not None:
                values = evaluator.evaluate(context, parameter.default)
                evaluator.add_parameter(context, node, parameter, values)
        if node.returns is not None:
            evaluator.add(("return", node), evaluator.annotation(context, node.returns.annotation))
        self._bind_self(context, node, decorators)
        for decorator in decorators:
            if isinstance(decorator, cst.Call):
                self._registration(context, decorator, {function})

    def _bind_self(
        self,
        context: FileContext,
        node: cst.FunctionDef,
        decorators: Sequence[cst.BaseExpression],
    ) -> None:
        """Give `self` (or `cls`) of a method its class."""
        owner = context.table.scopes[node].node
        parameters = [*node.params.posonly_params, *node.params.params]
        names = {dotted_name(decorator) for decorator in decorators}
        if not isinstance(owner, cst.ClassDef) or not parameters or "staticmethod" in names:
            return
        cls = Class(context.table, owner)
        value: Value = cls if "classmethod" in names else Instance(cls)
        self.evaluator.add_parameter(context, node, parameters[0], {value})

    def _import_from(self, context: FileContext, node: cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        importer = context.source.name
        module = self.modules.imported(importer, node)
        scope = context.table.scopes[node]
        for alias in node.names:
            name = dotted_name(alias.name)
            local = alias.asname.name if alias.asname is not None else alias.name
            if name is None or not isinstance(local, cst.Name):
                continue
            submodule = self.modules.submodule(importer, node, name)
            values: frozenset[Value] = frozenset()
            if module is not None:
                self.links[importer].add(module)
                values |= self.evaluator.module_attribute(module, name)
            if submodule is not None:
                self.links[importer].add(submodule)
                values |= {LocalModule(submodule)}
            self.evaluator.add(("name", scope, local.value), values)

    def _import(self, context: FileContext, node: cst.Import) -> None:
        scope = context.table.scopes[node]
        for alias in node.names:
            name = dotted_name(alias.name)
            if name is None:
                continue
            module = self.modules.absolute(context.source.name, tuple(name.split(".")))
            if module is None:
                continue
            self.links[context.source.name].add(module)
            local = alias.asname.name if alias.asname is not None else alias.name
            if isinstance(local, cst.Name):
                self.evaluator.add(("name", scope, local.value), {LocalModule(module)})

    def _call(self, context: FileContext, node: cst.Call) -> None:
        evaluator = self.evaluator
        for callee in evaluator.evaluate(context, node.func):
            evaluator.bind_arguments(context, callee, node)
        evaluator.store(context, node)
        self._narrow(context, node)
        if len(node.args) >= 2:
            self._registration(context, node, evaluator.evaluate(context, node.args[1].value))
        if isinstance(node.func, cst.Call) and node.args:
            self._registration(context, node.func, evaluator.evaluate(context, node.args[0].value))

    def _narrow(self, context: FileContext, node: cst.Call) -> None:
        """`isinstance(x, RTCIceCandidate)` says what x can be."""
        if dotted_name(node.func) != "isinstance" or len(node.args) != 2:
            return
        wanted = node.args[1].value
        choices = (
            [element.value for element in wanted.elements]
            if isinstance(wanted, cst.Tuple)
            else [wanted]
        )
        for choice in choices:
            self.evaluator.bind(
                context, node.args[0].value, self.evaluator.annotation(context, choice)
            )

    def _registration(
        self, context: FileContext, node: cst.Call, callbacks: Iterable[Value]
    ) -> None:
        """The callback of "datachannel" gets a channel that the other side opened."""
        if not isinstance(node.func, cst.Attribute) or not node.args:
            return
        event = node.args[0].value
        if not isinstance(event, cst.SimpleString) or event.raw_value != "datachannel":
            return
        if Kind("pc") not in self.evaluator.evaluate(context, node.func.value):
            return
        for callback in callbacks:
            if isinstance(callback, Function):
                self.evaluator.bind_first(callback, {Kind("channel", REMOTE)})


def all_parameters(parameters: cst.Parameters) -> list[cst.Param]:
    """Return the named parameters in the order of the call."""
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
