"""The leak figure is a measurement of the library it names."""

import pytest

from demo.figures import measure_leaks


@pytest.mark.parametrize(("library", "leaks"), [("purertc", False), ("aiortc", True)])
def test_what_connections_leave(library: str, leaks: bool) -> None:
    figure = measure_leaks(library, 10, timeout=50)
    assert figure.tasks == 0
    assert (figure.objects > 10) is leaks
    assert (figure.kib > 10) is leaks


def test_a_measurement_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="invalid choice"):
        measure_leaks("nothing", 1, timeout=50)
