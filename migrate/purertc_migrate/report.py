"""What a run found: one record per site, written as JSON on request."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

__all__ = ["FileResult", "Site", "Status", "Verdict", "as_json"]


class Verdict(StrEnum):
    """How far a site can be trusted to the tool."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Status(StrEnum):
    """What became of a file."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNPROCESSED = "unprocessed"


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """One place in one file that a rule has an opinion on."""

    line: int
    column: int
    rule: str
    verdict: Verdict
    reason: str
    unblock: str | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """The outcome for one file; `after` equals `before` unless the file changes."""

    name: str
    status: Status
    target: str | None
    before: bytes
    after: bytes
    sites: tuple[Site, ...] = ()
    problem: str | None = None


def as_json(results: list[FileResult], target: str) -> str:
    """Render the report; the same input gives the same text."""
    verdicts = Counter(site.verdict.value for result in results for site in result.sites)
    statuses = Counter(result.status.value for result in results)
    files: list[dict[str, Any]] = [
        {
            "file": result.name,
            "status": result.status.value,
            "target": result.target,
            "problem": result.problem,
            "sites": [asdict(site) for site in result.sites],
        }
        for result in results
    ]
    document = {
        "target": target,
        "summary": {
            "files": {status.value: statuses[status.value] for status in Status},
            "sites": {verdict.value: verdicts[verdict.value] for verdict in Verdict},
        },
        "files": files,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
