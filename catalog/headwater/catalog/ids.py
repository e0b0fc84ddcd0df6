"""Names of things: datasets as OpenLineage identifies them, and how a person refers to one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class DatasetId:
    """A dataset's identity: where its name is unique, and the name.

    Source: OpenLineage 2-0-2, *Dataset*.
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    def document(self) -> dict[str, object]:
        """Return the JSON form: ``{"namespace", "name"}``."""
        return {"namespace": self.namespace, "name": self.name}

    def key(self) -> tuple[str, str]:
        """Return the two words that identify it."""
        return (self.namespace, self.name)

    def answers_to(self, reference: str) -> bool:
        """Say whether ``reference`` is the whole name or an ending of it.

        An ending begins after a ``/`` or a ``.``.

        Example:
            >>> DatasetId("postgres://db:5432", "pop.public.resident").answers_to("resident")
            True
            >>> DatasetId("postgres://db:5432", "pop.public.resident").answers_to("dent")
            False
        """
        whole = str(self)
        if whole == reference:
            return True
        return bool(reference) and whole.endswith((f"/{reference}", f".{reference}"))


@dataclass(frozen=True, slots=True, order=True)
class ColumnId:
    """A column of a dataset."""

    dataset: DatasetId
    column: str

    def __str__(self) -> str:
        return f"{self.dataset}#{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class JobId:
    """A job's identity: namespace and name (OpenLineage 2-0-2, *Job*)."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
