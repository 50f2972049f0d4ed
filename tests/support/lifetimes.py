"""Which objects are there, also those of compiled classes, which take no weak references."""

import gc

__all__ = ["Newcomers"]


class Newcomers:
    """Counts the instances of exactly one class beyond those that are there now."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._before = 0
        self._before = self.count()

    def count(self) -> int:
        """Return how many came that nobody has let go."""
        return sum(type(each) is self._kind for each in gc.get_objects()) - self._before
