"""Where in a file a value stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place a person can open: file, line and column.

    ``file`` is relative to the workspace's root and uses forward slashes; ``line`` and
    ``column`` count from 1.
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def document(self) -> dict[str, object]:
        """Return the JSON form: ``{"file", "line", "column"}``."""
        return {"file": self.file, "line": self.line, "column": self.column}
