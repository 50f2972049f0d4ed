"""A run over many files: analyse all, decide what can go how far, rewrite, check the result."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from purertc_migrate.context import FileContext, open_file
from purertc_migrate.report import FileResult, Status
from purertc_migrate.rules import all_rules
from purertc_migrate.source import UnprocessedFile, check_output, is_candidate, parse

__all__ = ["COMPAT", "PURERTC", "migrate"]

COMPAT = "compat"
PURERTC = "purertc"
T = TypeVar("T")


def migrate(files: Sequence[tuple[str, bytes]], target: str = PURERTC) -> list[FileResult]:
    """Rewrite the given (name, content) pairs for `target`; results come in the same order.

    Nothing is read from or written to disk, and no file's failure stops the others.
    """
    results: dict[str, FileResult] = {}
    contexts: dict[str, FileContext] = {}
    for name, data in sorted(files):
        if not is_candidate(data):
            results[name] = FileResult(name, Status.UNCHANGED, None, data, data)
            continue
        try:
            context = isolated(lambda: open_file(parse(name, data)))  # noqa: B023
        except UnprocessedFile as error:
            results[name] = _unprocessed(name, data, error)
            continue
        if context.imports.statements:
            contexts[name] = context
        else:
            results[name] = FileResult(name, Status.UNCHANGED, None, data, data)
    for name, context in contexts.items():
        try:
            results[name] = isolated(lambda: _to_compat(context))  # noqa: B023
        except UnprocessedFile as error:
            results[name] = _unprocessed(name, context.source.data, error)
    return [results[name] for name, _ in files]


def isolated(work: Callable[[], T]) -> T:
    """Run a step of one file; whatever goes wrong there is that file's problem alone.

    Raises UnprocessedFile only.
    """
    try:
        return work()
    except UnprocessedFile:
        raise
    except RecursionError as error:
        raise UnprocessedFile("is nested too deeply to be rewritten") from error
    except Exception as error:  # noqa: BLE001 - one file's failure must not stop the run
        raise UnprocessedFile(f"internal error, please report it: {error!r}") from error


def _unprocessed(name: str, data: bytes, error: UnprocessedFile) -> FileResult:
    return FileResult(name, Status.UNPROCESSED, None, data, data, problem=str(error))


def _to_compat(context: FileContext) -> FileResult:
    for rule in all_rules():
        if rule.plan_compat is not None:
            rule.plan_compat(context)
    return _finish(context, COMPAT)


def _finish(context: FileContext, target: str) -> FileResult:
    """Apply the plan and accept the result only if it passes every check."""
    source = context.source
    text = context.plan.apply(source.module).code
    check_output(source.text, text)
    after = source.encode(text)
    status = Status.UNCHANGED if after == source.data else Status.CHANGED
    sites = tuple(sorted(set(context.sites), key=lambda site: (site.line, site.column, site.rule)))
    return FileResult(source.name, status, target, source.data, after, sites)
