"""Puts off the collection of garbage while much is built that all stays.

Python looks for circles of objects again and again while their number grows; of a plan of a
hundred thousand datasets that is half the time, and there are no circles.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collecting_later() -> Iterator[None]:
    """Collect no garbage in circles until the end of the block."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
