"""One array of numbers in a file, mapped into memory and read without numpy."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

_CODES: dict[str, Literal["B", "i", "q"]] = {"|u1": "B", "<i4": "i", "<i8": "q"}


class Array:
    """One ``.npy`` file of numbers, mapped.

    Args:
        path: The file.
        patched: Whether it may be written to: what is written stays in this process.
    """

    def __init__(self, path: Path, *, patched: bool = False) -> None:
        access = mmap.ACCESS_COPY if patched else mmap.ACCESS_READ
        with path.open("rb") as file:
            self.map = mmap.mmap(file.fileno(), 0, access=access)
        if self.map[:6] != b"\x93NUMPY" or self.map[6] != 1:
            raise ValueError(f"{path.name} is no array")
        (length,) = struct.unpack("<H", self.map[8:10])
        self.start = 10 + length
        header = self.map[10 : self.start].decode("latin-1")
        kind = header.split("'descr': '", 1)[1].split("'", 1)[0]
        self.view: memoryview[int] = memoryview(self.map)[self.start :].cast(_CODES[kind])
        self._kind = kind

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the array as numpy knows it, without copying."""
        import numpy as np

        return np.frombuffer(self.map, np.dtype(self._kind), offset=self.start)
