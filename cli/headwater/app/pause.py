"""Garbage collection paused: many values are made, none of them in circles, and all are kept.

Each collection would look at all of them again, for nothing: it costs more than judging them.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collection_paused() -> Iterator[None]:
    """Let no collection of circular garbage run inside; what was on before is on again after."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
