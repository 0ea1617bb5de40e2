"""Exceptions that pass through `pickle` and `copy`, as between the processes of a pool."""

from __future__ import annotations

from typing import Any


class Portable:
    """Keeps the message, the attributes and the cause of an exception, whatever its constructor takes."""

    def __reduce__(self: Any) -> Any:
        state = {**vars(self)}, self.__cause__, self.__suppress_context__
        return _bare, (type(self), self.args), state

    def __setstate__(self: Any, state: Any) -> None:
        attributes, self.__cause__, self.__suppress_context__ = state
        vars(self).update(attributes)


def _bare(kind: type[BaseException], arguments: tuple[Any, ...]) -> BaseException:
    return kind.__new__(kind, *arguments)
