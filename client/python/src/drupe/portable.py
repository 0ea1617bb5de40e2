"""Values and exceptions that pass through `pickle` and `copy`, as between the processes of a pool."""

from __future__ import annotations

import copyreg
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


def _reduce_view(view: memoryview) -> Any:
    """A memoryview as its bytes, format and shape. Typed arrays are memoryviews, wherever they are in a value."""
    try:
        memoryview(b"").cast(view.format)  # type: ignore[call-overload]
    except ValueError:  # a format of structures, or of another byte order: none of JavaScript's
        raise TypeError(f"cannot pickle a memoryview of format {view.format!r}") from None
    return _view, (view.tobytes(), view.format, view.shape, view.readonly)


def _view(data: bytes, form: str, shape: tuple[int, ...], readonly: bool) -> memoryview:
    plain = memoryview(data if readonly else bytearray(data))
    if len(shape) == 1:  # which may be empty
        return plain.cast(form)  # type: ignore[call-overload]
    return plain.cast(form, shape)  # type: ignore[call-overload]


# There is no other way to pickle objects of a class that cannot be derived. Whoever has found one first keeps it.
if memoryview not in copyreg.dispatch_table:
    copyreg.pickle(memoryview, _reduce_view)
