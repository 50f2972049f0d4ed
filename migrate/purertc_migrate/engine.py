"""A run over many files: analyse all, decide what can go how far, rewrite, check the result."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import libcst as cst

from purertc_migrate.analysis.inference import Inference
from purertc_migrate.context import FileContext, open_file
from purertc_migrate.handlers.registrations import find_registrations
from purertc_migrate.report import FileResult, Site, Status, Verdict
from purertc_migrate.rules import all_rules
from purertc_migrate.source import (
    TODO_PREFIX,
    UnprocessedFileError,
    check_output,
    is_candidate,
    parse,
)
from purertc_migrate.targets import ImportTargets

__all__ = ["COMPAT", "PURERTC", "migrate"]

COMPAT = "compat"
PURERTC = "purertc"
FALLBACK_MARK = f"{TODO_PREFIX} RM1"
T = TypeVar("T")


def migrate(files: Sequence[tuple[str, bytes]], target: str = PURERTC) -> list[FileResult]:
    """Rewrite the given (name, content) pairs for `target`; results come in the same order.

    Nothing is read from or written to disk, and no file's failure stops the others.
    """
    results: dict[str, FileResult] = {}
    contexts: dict[str, FileContext] = {}
    for name, data in sorted(files):
        try:
            context = _open(name, data)
        except UnprocessedFileError as error:
            results[name] = _unprocessed(name, data, error)
            continue
        if context is None:
            results[name] = FileResult(name, Status.UNCHANGED, None, data, data)
        else:
            contexts[name] = context
    unread = [name for name, result in results.items() if result.status is Status.UNPROCESSED]
    rewritten = _to_purertc(contexts, unread) if target == PURERTC else {}
    for name, context in contexts.items():
        result = rewritten.get(name)
        results[name] = result if result is not None else _fall_back(context)
    return [results[name] for name, _ in files]


def _open(name: str, data: bytes) -> FileContext | None:
    """Parse a file; None when it does not import the legacy package."""
    if not is_candidate(data):
        return None
    context = isolated(lambda: open_file(parse(name, data)))
    return context if context.imports.statements else None


def isolated(work: Callable[[], T]) -> T:
    """Run a step of one file; whatever goes wrong there is that file's problem alone.

    Raises UnprocessedFileError only.
    """
    try:
        return work()
    except UnprocessedFileError:
        raise
    except RecursionError as error:
        raise UnprocessedFileError("is nested too deeply to be rewritten") from error
    except Exception as error:
        raise UnprocessedFileError(f"internal error, please report it: {error!r}") from error


def _unprocessed(name: str, data: bytes, error: UnprocessedFileError) -> FileResult:
    return FileResult(name, Status.UNPROCESSED, None, data, data, problem=str(error))


def _to_purertc(contexts: dict[str, FileContext], unread: list[str]) -> dict[str, FileResult]:
    """Rewrite every connected group of files of which no file has a blocker."""
    try:
        inference = isolated(lambda: Inference(list(contexts.values()), unread))
    except UnprocessedFileError as error:
        return {name: _unprocessed(name, c.source.data, error) for name, c in contexts.items()}
    for context in contexts.values():
        context.inference = inference
        try:
            isolated(lambda: _find_blockers(context))  # noqa: B023
        except UnprocessedFileError as error:
            context.block(context.source.module.body[0], "RM106", str(error), "report the error")
        for link in sorted(inference.links[context.source.name] & set(unread)):
            _hold_back(context, link, "could not be processed")
    results: dict[str, FileResult] = {}
    for group in _connected(contexts, inference):
        members = [contexts[name] for name in group]
        blocked = next((c for c in members if c.blockers), None)
        if blocked is None:
            results.update(_rewrite_group(members))
        else:
            _spread(blocked, members)
    return results


def _find_blockers(context: FileContext) -> None:
    context.registrations = find_registrations(context)
    for rule in all_rules():
        if rule.check is not None:
            rule.check(context)


def _connected(contexts: dict[str, FileContext], inference: Inference) -> list[list[str]]:
    """Return the groups of files that import each other."""
    group_of = {name: {name} for name in contexts}
    for name, links in inference.links.items():
        for other in links:
            if other in group_of and group_of[other] is not group_of[name]:
                merged = group_of[name] | group_of[other]
                for member in merged:
                    group_of[member] = merged
    unique = {id(group): sorted(group) for group in group_of.values()}
    return sorted(unique.values())


def _spread(blocked: FileContext, members: list[FileContext]) -> None:
    """Hold back the files that belong to a blocked one."""
    for context in members:
        if not context.blockers:
            _hold_back(context, blocked.source.name, "stays there")


def _hold_back(context: FileContext, name: str, why: str) -> None:
    context.block(
        context.imports.statements[0], "RM109", f"belongs to {name}, which {why}",
        "unblock that file",
    )  # fmt: skip


def _rewrite_group(members: list[FileContext]) -> dict[str, FileResult]:
    """Rewrite all files of a group, or none."""
    results: dict[str, FileResult] = {}
    for context in members:
        try:
            results[context.source.name] = isolated(lambda: _rewrite(context))  # noqa: B023
        except UnprocessedFileError as error:
            return {c.source.name: _unprocessed(c.source.name, c.source.data, error)
                    for c in members}  # fmt: skip
    return results


def _rewrite(context: FileContext) -> FileResult:
    context.targets = ImportTargets(context)
    context.becomes_async = {
        registration.callback
        for registration in context.registrations
        if registration.callback is not None and not registration.dead
    }
    for rule in all_rules():
        if rule.plan is not None:
            rule.plan(context)
    context.targets.apply()
    _drop_fallback_marks(context)
    return _finish(context, PURERTC)


def _fall_back(context: FileContext) -> FileResult:
    """Change imports only, and say at each kind of obstacle why."""
    try:
        return isolated(lambda: _to_compat(context))
    except UnprocessedFileError as error:
        return _unprocessed(context.source.name, context.source.data, error)


def _to_compat(context: FileContext) -> FileResult:
    for rule in all_rules():
        if rule.plan_compat is not None:
            rule.plan_compat(context)
    if context.blockers:
        _drop_fallback_marks(context)
        _mark_blockers(context)
    return _finish(context, COMPAT)


def _drop_fallback_marks(context: FileContext) -> None:
    """Remove the marks of an earlier run; those that still hold are put back."""
    for node in context.table.scopes:
        comment = node.comment if isinstance(node, cst.EmptyLine) else None
        if comment is not None and comment.value.startswith(FALLBACK_MARK):
            context.plan.edit(node, lambda _: cst.RemoveFromParent())  # type: ignore[arg-type, return-value]


def _mark_blockers(context: FileContext) -> None:
    """Put one mark per rule at the first place it speaks of, and every place in the report."""
    marked: set[str] = set()
    ordered = sorted(
        context.blockers, key=lambda b: (context.positions[b.node].start.line, b.rule, b.reason)
    )
    for blocker in ordered:
        context.site(blocker.node, blocker.rule, Verdict.MANUAL, blocker.reason, blocker.unblock)
        if blocker.rule not in marked:
            marked.add(blocker.rule)
            context.plan.todo(
                context.table.statement(blocker.node), blocker.rule,
                f"stays on purertc_compat: {blocker.reason}; to unblock, {blocker.unblock}.",
            )  # fmt: skip


def _finish(context: FileContext, target: str) -> FileResult:
    """Apply the plan and accept the result only if it passes every check."""
    source = context.source
    text = context.plan.apply(source.module).code
    check_output(source.text, text)
    after = source.encode(text)
    status = Status.UNCHANGED if after == source.data else Status.CHANGED
    sites = tuple(sorted(set(context.sites), key=_site_order))
    return FileResult(source.name, status, target, source.data, after, sites)


def _site_order(site: Site) -> tuple[int, int, str, str]:
    return site.line, site.column, site.rule, site.reason
