"""How long `headwater --help` takes against bare `python -c pass`, alternately, in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15


def seconds(words: list[str]) -> float:
    """Return the wall time of one whole process."""
    begin = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Print both medians and their difference, in milliseconds."""
    bare = [sys.executable, "-c", "pass"]
    ours = [str(Path(sys.executable).with_name("headwater")), "--help"]
    pairs = [(seconds(bare), seconds(ours)) for _ in range(ROUNDS)]
    first, second = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"python -c pass    {first:6.1f} ms")  # noqa: T201
    print(f"headwater --help  {second:6.1f} ms  (+{second - first:.1f} ms)")  # noqa: T201


if __name__ == "__main__":
    main()
