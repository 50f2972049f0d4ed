"""What an expression can stand for, as far as the analysis follows it."""

from dataclasses import dataclass

import libcst as cst

from purertc_migrate.analysis.scopes import ScopeTable

__all__ = ["Class", "Container", "Function", "Instance", "Kind", "Legacy", "LocalModule", "Value"]

LOCAL = "local"
REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Kind:
    """An aiortc object: pc, channel, description, candidate, configuration, ice_server, signaling.

    For a channel, `origin` tells which side opened it ("local", "remote", "" when unknown).
    """

    name: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Legacy:
    """A module, class or function of aiortc, by its dotted name below the root."""

    path: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method or lambda of the program; `bound` when its first argument is given."""

    table: ScopeTable
    node: cst.FunctionDef | cst.Lambda
    bound: bool = False

    def __hash__(self) -> int:
        return hash((self.node, self.bound))


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the program."""

    table: ScopeTable
    node: cst.ClassDef

    def __hash__(self) -> int:
        return hash(self.node)


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the program."""

    cls: Class


@dataclass(frozen=True, slots=True)
class Container:
    """A collection, queue or future, told apart by the expression that makes it."""

    node: cst.CSTNode
    awaitable: bool = False


@dataclass(frozen=True, slots=True)
class LocalModule:
    """Another file of the run."""

    name: str


Value = Kind | Legacy | Function | Class | Instance | Container | LocalModule
