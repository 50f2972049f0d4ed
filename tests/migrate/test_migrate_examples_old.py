"""The legacy example programs move to purertc as a whole, without a TODO."""

import pytest

from purertc_migrate.engine import migrate
from tests.migrate.support_programs import EXAMPLES_OLD

FILES = sorted(EXAMPLES_OLD.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_example(path: object) -> None:
    files = [(file.as_posix(), file.read_bytes()) for file in FILES]
    results = {result.name: result for result in migrate(files)}
    result = results[str(path)]
    after = result.after.decode()
    assert result.problem is None
    assert result.target == "purertc"
    for legacy in ("aiortc import", "purertc_compat", "TODO(", "RTC", ".on(", "localDescription"):
        assert legacy not in after
    compile(after, str(path), "exec")


def test_there_are_examples() -> None:
    assert len(FILES) >= 4
