"""Replaces functions of the whole process for those threads only that ask for it."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

__all__ = ["Answer", "ThreadPatches"]

SubjectT = TypeVar("SubjectT")

Answer = tuple[Any, str, Callable[..., Any]]
"""A module or class, the name of its function, and what to call in its place: it gets the
thread's subject, the original function, and the arguments."""


class ThreadPatches(Generic[SubjectT]):
    """Functions that ask which thread calls, and leave all but the entered ones to the original.

    They are in place while at least one thread is entered. A thread may enter again and again;
    the last subject answers.
    """

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self._subjects: dict[int, list[SubjectT]] = {}
        self._originals: list[tuple[Any, str, Any]] = []

    def enter(self, subject: SubjectT) -> None:
        """Let ``subject`` answer in this thread."""
        with self._lock:
            if not self._subjects:
                self._install()
            self._subjects.setdefault(threading.get_ident(), []).append(subject)

    def leave(self) -> None:
        """Undo the last :meth:`enter` of this thread."""
        with self._lock:
            subjects = self._subjects[threading.get_ident()]
            subjects.pop()
            if not subjects:
                del self._subjects[threading.get_ident()]
            if not self._subjects:
                self._uninstall()

    def _install(self) -> None:
        for target, name, answer in self._answers:
            original = getattr(target, name)
            self._originals.append((target, name, original))
            setattr(target, name, self._replacement(original, answer))

    def _uninstall(self) -> None:
        while self._originals:
            setattr(*self._originals.pop())

    def _replacement(
        self, original: Callable[..., Any], answer: Callable[..., Any]
    ) -> Callable[..., Any]:
        subjects = self._subjects

        def replaced(*arguments: object, **keywords: object) -> object:
            stack = subjects.get(threading.get_ident())
            if not stack:
                return original(*arguments, **keywords)
            return answer(stack[-1], original, *arguments, **keywords)

        return replaced
