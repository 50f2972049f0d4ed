"""The command rtc-migrate.

Exit codes: 0 nothing to change, 1 changes were made or would be, 2 something was not processed,
3 wrong usage.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from purertc_migrate import engine
from purertc_migrate.diff import print_diff
from purertc_migrate.discovery import find_files, relative_name
from purertc_migrate.docs import rule_page
from purertc_migrate.report import FileResult, Status, Verdict, as_json
from purertc_migrate.rules import all_rules, find_rule
from purertc_migrate.source import write_atomically

__all__ = ["main"]

CLEAN, CHANGES, NOT_PROCESSED, USAGE = 0, 1, 2, 3
STDIN = Path("-")
# UsageError; its module differs between the versions of typer.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]


class Target(StrEnum):
    """How far to go."""

    COMPAT = engine.COMPAT
    PURERTC = engine.PURERTC


app = typer.Typer(add_completion=False, rich_markup_mode=None)
explain_app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and directories; - reads a program and prints the result."),
    ] = None,
    *,
    to: Annotated[
        Target, typer.Option(help="compat: change imports only; purertc: use the new API.")
    ] = Target.PURERTC,
    write: Annotated[bool, typer.Option("--write", help="Change the files in place.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only name the files that would change.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write all Python files, migrated, into this folder.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a JSON report to this file.")] = None,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules.")] = False,
) -> int:
    """Move programs written for aiortc to purertc.

    Shows what would change as a diff. `rtc-migrate explain RULE` describes a rule.
    """
    if rules:
        for rule in all_rules():
            typer.echo(f"{rule.id}  {rule.slug:<24}  {rule.title}")
        return CLEAN
    if not paths:
        raise typer.BadParameter("name at least one file or directory, or - for stdin")
    if sum((write, check, output is not None)) > 1:
        raise typer.BadParameter("--write, --check and --output exclude each other")
    if STDIN in paths:
        return _filter(paths, to, write=write, check=check, output=output, report=report)
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise typer.BadParameter(f"there is no such file or directory: {missing[0]}")
    return _run_files(paths, to, write=write, check=check, output=output, report=report)


@explain_app.command()
def explain(rule: Annotated[str, typer.Argument(help="A number or a slug.")]) -> int:
    """Describe one rule."""
    found = find_rule(rule)
    if found is None:
        raise typer.BadParameter(f"there is no rule {rule}; rtc-migrate --rules lists them")
    typer.echo(rule_page(found), nl=False)
    return CLEAN


def _filter(
    paths: list[Path],
    to: Target,
    *,
    write: bool,
    check: bool,
    output: Path | None,
    report: Path | None,
) -> int:
    if len(paths) > 1 or write or output is not None:
        raise typer.BadParameter("- stands alone and prints the result")
    (result,) = engine.migrate([("<stdin>", sys.stdin.buffer.read())], to.value)
    if not check:
        sys.stdout.buffer.write(result.after)
        sys.stdout.buffer.flush()
    return _conclude([result], to, report)


def _run_files(
    paths: list[Path],
    to: Target,
    *,
    write: bool,
    check: bool,
    output: Path | None,
    report: Path | None,
) -> int:
    found = {file.as_posix(): (root, file) for root, file in find_files(paths)}
    inputs: list[tuple[str, bytes]] = []
    unread: list[FileResult] = []
    _check_output_names(list(found.values()), output)
    for name, (_, file) in found.items():
        try:
            inputs.append((name, file.read_bytes()))
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
            unread.append(FileResult(name, Status.UNPROCESSED, None, b"", b"", problem=problem))
    results = [
        _deliver(result, *found[result.name], write=write, check=check, output=output)
        for result in engine.migrate(inputs, to.value)
    ]
    results = sorted([*results, *unread], key=lambda result: result.name)
    return _conclude(results, to, report)


def _check_output_names(found: list[tuple[Path, Path]], output: Path | None) -> None:
    names = [relative_name(root, file) for root, file in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if output is not None and twice is not None:
        raise typer.BadParameter(f"two of the files would be written as {output / twice}")


def _deliver(
    result: FileResult, root: Path, file: Path, *, write: bool, check: bool, output: Path | None
) -> FileResult:
    """Show or store one result; a file that cannot be written counts as not processed."""
    try:
        if output is not None:
            target = output / relative_name(root, file)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, result.after)
            target.chmod(file.stat().st_mode & 0o7777)
        elif write and result.status is Status.CHANGED:
            write_atomically(file, result.after)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        return FileResult(
            result.name, Status.UNPROCESSED, None, result.before, result.before, problem=problem
        )
    if result.status is Status.CHANGED:
        if check or write:
            typer.echo(result.name)
        elif output is None:
            print_diff(Console(), result.name, result.before, result.after)
    return result


def _conclude(results: list[FileResult], to: Target, report: Path | None) -> int:
    """Report what was not processed and what is left to do; return the exit code."""
    if report is not None:
        try:
            write_atomically(report, as_json(results, to.value).encode())
        except OSError as error:
            raise typer.BadParameter(f"cannot write {report}: {error.strerror}") from error
    for result in results:
        if result.problem is not None:
            typer.echo(f"{result.name}: {result.problem}; left alone", err=True)
        for site in result.sites:
            if site.verdict is Verdict.MANUAL:
                typer.echo(f"{result.name}:{site.line}: {site.rule} {site.reason}", err=True)
    count = {status: sum(result.status is status for result in results) for status in Status}
    typer.echo(
        f"{len(results)} files: {count[Status.CHANGED]} changed, "
        f"{count[Status.UNCHANGED]} unchanged, {count[Status.UNPROCESSED]} not processed",
        err=True,
    )
    if count[Status.UNPROCESSED]:
        return NOT_PROCESSED
    return CHANGES if count[Status.CHANGED] else CLEAN


def invoke(arguments: list[str]) -> int:
    """Run the command with these arguments and return its exit code."""
    chosen, rest = app, arguments
    if arguments[:1] == ["explain"]:
        chosen, rest = explain_app, arguments[1:]
    try:
        code = chosen(args=rest, prog_name="rtc-migrate", standalone_mode=False)
    except UsageError as error:
        typer.echo(f"rtc-migrate: {error}", err=True)
        return USAGE
    return int(code or CLEAN)


def main() -> None:
    """Entry point of rtc-migrate."""
    sys.exit(invoke(sys.argv[1:]))
