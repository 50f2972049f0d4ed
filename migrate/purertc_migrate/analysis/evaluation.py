"""What an expression can be, given what is known so far of names, attributes and containers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import libcst as cst

from purertc_migrate.analysis.scopes import Scope, dotted_name
from purertc_migrate.analysis.values import (
    LOCAL,
    Class,
    Container,
    Function,
    Instance,
    Kind,
    Legacy,
    LocalModule,
    Value,
)
from purertc_migrate.context import FileContext

__all__ = ["STORERS", "Evaluator", "constant_key"]

Symbol = tuple[object, ...]
NOTHING: frozenset[Value] = frozenset()

KINDS = {
    "RTCConfiguration": Kind("configuration"),
    "RTCDataChannel": Kind("channel"),
    "RTCIceCandidate": Kind("candidate"),
    "RTCIceServer": Kind("ice_server"),
    "RTCPeerConnection": Kind("pc"),
    "RTCSessionDescription": Kind("description"),
    "CopyAndPasteSignaling": Kind("signaling"),
    "TcpSocketSignaling": Kind("signaling"),
    "UnixSocketSignaling": Kind("signaling"),
}
SIGNALED = frozenset({Kind("description"), Kind("candidate")})
FUNCTION_RESULTS: dict[str, frozenset[Value]] = {
    "create_signaling": frozenset({Kind("signaling")}),
    "object_from_string": SIGNALED,
    "candidate_from_sdp": frozenset({Kind("candidate")}),
}
METHOD_RESULTS: dict[tuple[str, str], frozenset[Value]] = {
    ("pc", "createAnswer"): frozenset({Kind("description")}),
    ("pc", "createDataChannel"): frozenset({Kind("channel", LOCAL)}),
    ("pc", "createOffer"): frozenset({Kind("description")}),
    ("signaling", "receive"): SIGNALED,
}
ATTRIBUTE_RESULTS: dict[tuple[str, str], frozenset[Value]] = {
    ("pc", "localDescription"): frozenset({Kind("description")}),
    ("pc", "remoteDescription"): frozenset({Kind("description")}),
}
COLLECTION_MAKERS = frozenset({"collections.defaultdict", "collections.deque", "defaultdict",
    "deque", "dict", "frozenset", "list", "set", "tuple", "WeakSet", "weakref.WeakSet",
    "WeakValueDictionary", "weakref.WeakValueDictionary", "WeakKeyDictionary",
    "weakref.WeakKeyDictionary"})  # fmt: skip
QUEUE_MAKERS = frozenset({"Future", "Queue", "asyncio.Future", "asyncio.LifoQueue",
    "asyncio.PriorityQueue", "asyncio.Queue", "queue.Queue"})  # fmt: skip
PASS_THROUGH = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.run",
    "asyncio.run_coroutine_threadsafe", "asyncio.shield", "asyncio.wait_for", "copy.copy",
    "ensure_future", "iter", "list", "reversed", "set", "sorted", "tuple", "frozenset",
    "create_task", "aclosing", "contextlib.aclosing", "contextlib.closing"})  # fmt: skip
TAKERS = frozenset({"get", "get_nowait", "pop", "popleft", "result", "setdefault"})
SAME_CONTAINER = frozenset({"copy", "keys", "values", "items"})
STORERS = frozenset({"add", "append", "appendleft", "insert", "put", "put_nowait", "set_result",
    "setdefault"})  # fmt: skip


def _kind_of_class(path: str) -> Kind | None:
    """Return what instances of an aiortc class are."""
    return KINDS.get(path.rsplit(".", 1)[-1])


class Evaluator:
    """The store of values and the rules for reading it."""

    def __init__(self, contexts: Mapping[str, FileContext]) -> None:
        self.contexts = contexts
        self.changed = False
        self._values: dict[Symbol, set[Value]] = defaultdict(set)

    def add(self, symbol: Symbol, values: Iterable[Value]) -> None:
        """Let the symbol be one of `values` too."""
        known = self._values[symbol]
        new = set(values) - known
        if new:
            known |= new
            self.changed = True

    def get(self, symbol: Symbol) -> frozenset[Value]:
        """Return what the symbol can be."""
        return frozenset(self._values.get(symbol, ()))

    # Names and attributes

    def name(self, context: FileContext, scope: Scope, name: str) -> frozenset[Value]:
        """Return what a plain name can be in a scope."""
        found = scope.resolve(name)
        if found is None:
            return NOTHING
        path = context.imports.bindings.get((found, name))
        legacy: frozenset[Value] = NOTHING if path is None else frozenset({Legacy(path)})
        return self.get(("name", found, name)) | legacy

    def module_attribute(self, module: str, name: str) -> frozenset[Value]:
        """Return what a name means inside another file of the run."""
        context = self.contexts.get(module)
        return NOTHING if context is None else self.name(context, context.table.root, name)

    def evaluate(self, context: FileContext, node: cst.CSTNode) -> frozenset[Value]:
        """Return everything the expression can be; nothing means unknown."""
        match node:
            case cst.Name():
                return self.name(context, context.table.scopes[node], node.value)
            case cst.Attribute():
                base = self.evaluate(context, node.value)
                return self.attribute(base, node.attr.value)
            case cst.Call():
                return self._call(context, node)
            case cst.Await():
                return self._awaited(self.evaluate(context, node.expression))
            case cst.Subscript():
                return self._subscript(context, node)
            case cst.IfExp():
                return self.evaluate(context, node.body) | self.evaluate(context, node.orelse)
            case cst.BooleanOperation():
                return self.evaluate(context, node.left) | self.evaluate(context, node.right)
            case cst.NamedExpr():
                return self.evaluate(context, node.value)
            case cst.Lambda():
                return frozenset({Function(context.table, node)})
            case _:
                return self._collection(context, node)

    def _collection(self, context: FileContext, node: cst.CSTNode) -> frozenset[Value]:
        match node:
            case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
                return self._literal(context, node)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
                self.add(("item", node, None), self.evaluate(context, node.elt))
                return frozenset({Container(node)})
            case cst.DictComp():
                self.add(("item", node, None), self.evaluate(context, node.value))
                self.add(("dictkey", node), self.evaluate(context, node.key))
                return frozenset({Container(node)})
            case _:
                return NOTHING

    def attribute(self, base: Iterable[Value], name: str) -> frozenset[Value]:
        """Return what an attribute of any of the objects can be."""
        base = list(base)
        found: set[Value] = set()
        for value in base:
            match value:
                case Kind():
                    found |= ATTRIBUTE_RESULTS.get((value.name, name), NOTHING)
                case Legacy():
                    found.add(Legacy(f"{value.path}.{name}".lstrip(".")))
                case LocalModule():
                    found |= self.module_attribute(value.name, name)
                case Instance():
                    found |= self._member(value.cls, name, bound=True)
                case Class():
                    found |= self._member(value, name, bound=False)
                case _:
                    pass
        if not base or (not found and all(isinstance(value, Instance) for value in base)):
            found |= self.get(("anyattr", name))
        return frozenset(found)

    def _member(self, cls: Class, name: str, *, bound: bool) -> set[Value]:
        found: set[Value] = set()
        for ancestor in self.ancestry(cls):
            found |= self.get(("attr", ancestor.node, name)) | self.get(("looseattr", name))
            scope = ancestor.table.by_node.get(ancestor.node.body)
            scope = scope or ancestor.table.by_node.get(ancestor.node)
            for value in self.get(("name", scope, name)) if scope is not None else ():
                if isinstance(value, Function) and isinstance(value.node, cst.FunctionDef):
                    found |= self._method(value, bound=bound)
                else:
                    found.add(value)
        return found

    def _method(self, value: Function, *, bound: bool) -> frozenset[Value]:
        node = value.node
        decorators = (
            {dotted_name(decorator.decorator) for decorator in node.decorators}
            if isinstance(node, cst.FunctionDef)
            else set()
        )
        if decorators & {"property", "cached_property", "functools.cached_property"}:
            return self.get(("return", node)) if bound else NOTHING
        takes_self = bound and "staticmethod" not in decorators
        return frozenset({Function(value.table, node, takes_self or "classmethod" in decorators)})

    def ancestry(self, cls: Class) -> list[Class]:
        """Return the class and its known ancestors."""
        found = [cls]
        for current in found:
            context = self._context_of(current)
            for argument in current.node.bases:
                values = NOTHING if context is None else self.evaluate(context, argument.value)
                found += [
                    value for value in values if isinstance(value, Class) and value not in found
                ]
        return found

    def _context_of(self, cls: Class) -> FileContext | None:
        return next((c for c in self.contexts.values() if c.table is cls.table), None)

    # Calls and containers

    def _call(self, context: FileContext, node: cst.Call) -> frozenset[Value]:
        found: set[Value] = set()
        for callee in self.evaluate(context, node.func):
            match callee:
                case Function():
                    found |= self.get(("return", callee.node))
                    if self.get(("item", callee.node, None)):
                        found.add(Container(callee.node))
                case Class():
                    found.add(Instance(callee))
                case Legacy():
                    kind = _kind_of_class(callee.path)
                    found |= {kind} if kind is not None else set()
                    found |= FUNCTION_RESULTS.get(callee.path.rsplit(".", 1)[-1], NOTHING)
                case _:
                    pass
        return frozenset(found) | self._known_call(context, node)

    def _known_call(self, context: FileContext, node: cst.Call) -> frozenset[Value]:
        """Evaluate calls of builtins, of the standard library and of containers' methods."""
        function = dotted_name(node.func)
        found: frozenset[Value] = NOTHING
        if function in PASS_THROUGH and node.args:
            found = self.evaluate(context, node.args[0].value)
        elif function in ("cast", "typing.cast") and len(node.args) == 2:
            found = self.annotation(context, node.args[0].value)
        elif function in ("next", "max", "min") and node.args:
            found = self.items(self.evaluate(context, node.args[0].value))
        if function in COLLECTION_MAKERS:
            found |= {Container(node)}
        elif function in QUEUE_MAKERS or (function or "").endswith(".create_future"):
            found |= {Container(node, awaitable=True)}
        if isinstance(node.func, cst.Attribute):
            found |= self._method_call(context, node, node.func)
        return found

    def _method_call(
        self, context: FileContext, node: cst.Call, function: cst.Attribute
    ) -> frozenset[Value]:
        name = function.attr.value
        if name == "run_until_complete" and node.args:
            return self.evaluate(context, node.args[0].value)
        found: set[Value] = set()
        for value in self.evaluate(context, function.value):
            if isinstance(value, Kind):
                found |= METHOD_RESULTS.get((value.name, name), NOTHING)
            elif isinstance(value, Container) and name in TAKERS:
                found |= self.items([value])
            elif isinstance(value, Container) and name in SAME_CONTAINER:
                found.add(value)
        if name in {"pop", "get", "setdefault"} and len(node.args) > 1:
            found |= self.evaluate(context, node.args[1].value)
        return frozenset(found)

    def _awaited(self, values: frozenset[Value]) -> frozenset[Value]:
        futures = [value for value in values if isinstance(value, Container) and value.awaitable]
        return values | self.items(futures) if futures else values

    def items(self, values: Iterable[Value]) -> frozenset[Value]:
        """Return what the containers among `values` hold."""
        found: set[Value] = set()
        for value in values:
            if isinstance(value, Container):
                found |= self.get(("item", value.node, None)) | self.get(("keyed", value.node))
        return frozenset(found)

    def _subscript(self, context: FileContext, node: cst.Subscript) -> frozenset[Value]:
        base = self.evaluate(context, node.value)
        key = constant_key(node)
        found: set[Value] = set()
        for value in base:
            if isinstance(value, Container) and key is not None:
                found |= self.get(("item", value.node, key))
                found |= self.get(("item", value.node, None))
            elif isinstance(value, Container):
                found |= self.items([value])
        if not base and key is not None:
            found |= self.get(("key", key))
        return frozenset(found)

    def _literal(
        self, context: FileContext, node: cst.List | cst.Tuple | cst.Set | cst.Dict
    ) -> frozenset[Value]:
        for element in node.elements:
            values = self.evaluate(context, element.value)
            if isinstance(element, cst.StarredElement | cst.StarredDictElement):
                self.add(("item", node, None), self.items(values))
            elif isinstance(element, cst.DictElement):
                key = element.key
                self.add(("dictkey", node), self.evaluate(context, key))
                if isinstance(key, cst.SimpleString):
                    self.add(("item", node, key.raw_value), values)
                    self.add(("keyed", node), values)
                else:
                    self.add(("item", node, None), values)
            else:
                self.add(("item", node, None), values)
        return frozenset({Container(node)})

    # Annotations

    def annotation(
        self, context: FileContext, node: cst.CSTNode, scope: Scope | None = None
    ) -> frozenset[Value]:
        """Return what a variable with this annotation can be."""
        scope = scope or context.table.scopes[node]
        match node:
            case cst.Name():
                return self._instances(self.name(context, scope, node.value))
            case cst.Attribute():
                return self._instances(self._dotted(context, node, scope))
            case cst.BinaryOperation():
                left = self.annotation(context, node.left, scope)
                return left | self.annotation(context, node.right, scope)
            case cst.SimpleString():
                parsed = parse_annotation(node)
                return NOTHING if parsed is None else self.annotation(context, parsed, scope)
            case cst.Subscript():
                return self._generic(context, node, scope)
            case _:
                return NOTHING

    def _dotted(self, context: FileContext, node: cst.CSTNode, scope: Scope) -> frozenset[Value]:
        if isinstance(node, cst.Attribute):
            return self.attribute(self._dotted(context, node.value, scope), node.attr.value)
        if isinstance(node, cst.Name):
            return self.name(context, scope, node.value)
        return NOTHING

    @staticmethod
    def _instances(values: Iterable[Value]) -> frozenset[Value]:
        found: set[Value] = set()
        for value in values:
            if isinstance(value, Legacy):
                kind = _kind_of_class(value.path)
                found |= {kind} if kind is not None else set()
            elif isinstance(value, Class):
                found.add(Instance(value))
        return frozenset(found)

    def _generic(self, context: FileContext, node: cst.Subscript, scope: Scope) -> frozenset[Value]:
        name = (dotted_name(node.value) or "").rsplit(".", 1)[-1]
        if name in {"Callable", "Literal", "Type", "type"}:
            return NOTHING
        parts = [
            self.annotation(context, element.slice.value, scope)
            for element in node.slice
            if isinstance(element.slice, cst.Index)
        ]
        inner = frozenset().union(*parts)
        if name in {"Optional", "Union", "Annotated", "Final", "ClassVar", "Awaitable",
                    "Coroutine"}:  # fmt: skip
            return inner
        if name in {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict"} and len(parts) == 2:
            self.add(("dictkey", node), parts[0])
            inner = parts[1]
        self.add(("item", node, None), inner)
        return frozenset({Container(node, awaitable=name in {"Future", "Queue", "Task"})})


def constant_key(node: cst.Subscript) -> str | None:
    """Return the key of `x["key"]`."""
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        value = node.slice[0].slice.value
        if isinstance(value, cst.SimpleString) and isinstance(value.raw_value, str):
            return value.raw_value
    return None


def parse_annotation(node: cst.SimpleString) -> cst.BaseExpression | None:
    """Return the expression that a quoted annotation holds."""
    try:
        return cst.parse_expression(node.raw_value)
    except cst.ParserSyntaxError:
        return None
