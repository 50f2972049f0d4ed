"""Programs that several tests of the codemod run over."""

from pathlib import Path

from purertc_migrate.engine import migrate
from purertc_migrate.report import FileResult
from purertc_migrate.rules import all_rules

__all__ = ["EXAMPLES_OLD", "all_programs", "migrate_one", "migrated"]

EXAMPLES_OLD = Path(__file__).resolve().parents[2] / "examples_old"


def migrate_one(text: str, target: str = "purertc") -> FileResult:
    """Migrate one program given as text."""
    (result,) = migrate([("program.py", text.encode())], target)
    return result


def migrated(text: str, target: str = "purertc") -> str:
    """Return the program after the migration, which must not fail."""
    result = migrate_one(text, target)
    assert result.problem is None
    return result.after.decode()


def all_programs() -> dict[str, str]:
    """Return every program the tests have: the rules' examples and the legacy examples."""
    programs = {
        f"{rule.id}-{number}": example.before
        for rule in all_rules()
        for number, example in enumerate(rule.examples, 1)
    }
    for path in sorted(EXAMPLES_OLD.rglob("*.py")):
        programs[path.relative_to(EXAMPLES_OLD).as_posix()] = path.read_text(encoding="utf-8")
    return programs
