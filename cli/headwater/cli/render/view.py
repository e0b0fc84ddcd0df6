"""What an answer about lineage offers its writers: a document, a text, a sheet, a picture.

One class for each question fills this in; one function for each format (``formats.py``) writes
any of them. A new format needs no change to the questions, a new question none to the formats.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.catalog.text import Text
from headwater.lineage.model import node_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from headwater.catalog.text import Language
    from headwater.lineage.filters import Filters
    from headwater.lineage.graph import LogState
    from headwater.lineage.model import Edge, Node


Cell = str | int | bool | Text | None
"""What stands in a cell; a text in two languages is written in the reader's."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under heads. A head is the column's name in CSV; tables translate it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a picture.

    Attributes:
        key: What tells it from every other.
        label: What is written on it.
        name: Its whole name.
        group: What it stands in: its department.
        marked: Whether it is set off.
    """

    key: str
    label: str
    name: str
    group: str | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of a picture, from one key to another. ``weak`` ones are dashed."""

    source: str
    target: str
    label: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and edges to draw."""

    places: tuple[Place, ...]
    arrows: tuple[Arrow, ...]


class View(Protocol):
    """One answer, ready to be written in any format."""

    def document(self) -> dict[str, object]:
        """Return the JSON form, sealed: see :func:`sealed`."""
        ...

    def text(self, language: Language) -> str:
        """Return what a person reads."""
        ...

    def sheet(self) -> Sheet:
        """Return rows."""
        ...

    def picture(self) -> Picture | None:
        """Return what to draw; ``None`` where the answer is no graph."""
        ...

    def edges(self) -> tuple[Edge, ...] | None:
        """Return the edges to export as events; ``None`` where the answer is no lineage."""
        ...


def envelope(
    schema: str, filters: Filters, log: LogState, limits: Iterable[str] = ()
) -> dict[str, object]:
    """Return what every answer carries: whether it is complete, as of when, from how much."""
    found = list(limits)
    return {
        "schema": f"headwater/{schema}/1",
        "complete": not found,
        "limits": found,
        "as_of": filters.as_of.isoformat() if filters.as_of else None,
        "log": {"sequence": log.sequence, "digest": f"sha256:{log.digest}"},
        "filters": filters.document(),
    }


def sealed(document: dict[str, object]) -> dict[str, object]:
    """Return the document with its ``digest``: the SHA-256 of its canonical JSON without it.

    Canonical JSON: keys sorted, no spaces, characters beyond ASCII as escapes. Whoever asks the
    same question of the same log gets the same digest.
    """
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return {**document, "digest": f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"}


def dataset_of(node: Node) -> DatasetId:
    """Return the dataset that a node is, or is a column of."""
    return node.dataset if isinstance(node, ColumnId) else node


def node_document(node: Node) -> dict[str, object]:
    """Return ``{namespace, name, column}``; ``column`` is ``null`` for a dataset."""
    column = node.column if isinstance(node, ColumnId) else None
    return {**dataset_of(node).document(), "column": column}


def edge_document(edge: Edge) -> dict[str, object]:
    """Return the whole of an edge."""
    return {
        "from": node_document(edge.source),
        "to": node_document(edge.target),
        "job": {"namespace": edge.job.namespace, "name": edge.job.name},
        "purpose": edge.purpose,
        "kind": edge.kind,
        "masked": edge.masked,
        "evidence": edge.evidence,
        "subtypes": list(edge.subtypes),
        "failed": edge.failed,
        "first_seen": edge.first_seen,
        "last_seen": edge.last_seen,
        "until": edge.until,
        "runs": list(edge.runs),
    }


EDGE_HEADS = (
    *(f"from_{part}" for part in ("namespace", "name", "column", "department")),
    *(f"to_{part}" for part in ("namespace", "name", "column", "department")),
    *("job_namespace", "job_name", "purpose", "kind", "masked", "evidence"),
    *("subtypes", "failed", "first_seen", "last_seen", "until"),
)


def edge_cells(edge: Edge, department_of: Callable[[DatasetId], str | None]) -> tuple[Cell, ...]:
    """Return the cells of an edge under :data:`EDGE_HEADS`."""
    return (
        *_end_cells(edge.source, department_of),
        *_end_cells(edge.target, department_of),
        edge.job.namespace,
        edge.job.name,
        edge.purpose,
        edge.kind,
        edge.masked,
        edge.evidence,
        " ".join(edge.subtypes) or None,
        edge.failed or None,
        edge.first_seen,
        edge.last_seen,
        edge.until,
    )


def _end_cells(node: Node, department_of: Callable[[DatasetId], str | None]) -> tuple[Cell, ...]:
    dataset = dataset_of(node)
    column = node.column if isinstance(node, ColumnId) else None
    return (dataset.namespace, dataset.name, column, department_of(dataset))


def edge_picture(
    edges: Iterable[Edge],
    department_of: Callable[[DatasetId], str | None],
    *,
    nodes: Iterable[Node] = (),
    marked: Iterable[Node] = (),
) -> Picture:
    """Return the picture of edges; parallel ones are one arrow, dashed where only implied."""
    ways: dict[tuple[Node, Node], list[Edge]] = {}
    places = set(nodes)
    special = set(marked)
    for edge in edges:
        ways.setdefault((edge.source, edge.target), []).append(edge)
        places.update((edge.source, edge.target))
    ordered = sorted(places, key=node_key)
    keys = {node: str(number) for number, node in enumerate(ordered)}
    return Picture(
        tuple(place_of(node, keys[node], department_of, special) for node in ordered),
        tuple(
            Arrow(keys[source], keys[target], _way(found), _implied(found))
            for (source, target), found in sorted(
                ways.items(), key=lambda item: (node_key(item[0][0]), node_key(item[0][1]))
            )
        ),
    )


def place_of(
    node: Node,
    key: str,
    department_of: Callable[[DatasetId], str | None],
    marked: Collection[Node] = (),
) -> Place:
    """Return the place of a node."""
    department = department_of(dataset_of(node))
    return Place(key, short(node), str(node), department, node in marked)


def _implied(edges: Iterable[Edge]) -> bool:
    return all(edge.evidence == "implied" for edge in edges)


def _way(edges: list[Edge]) -> str:
    """Return what an arrow says: the jobs, and where no edge carries the value, so."""
    jobs = sorted({edge.job.name for edge in edges})
    shown = jobs[0] if len(jobs) == 1 else f"{jobs[0]} +{len(jobs) - 1}"
    marks = []
    if all(edge.masked for edge in edges):
        marks.append("masked")
    if all(edge.kind == "indirect" for edge in edges):
        marks.append("indirect")
    return f"{shown} ({', '.join(marks)})" if marks else shown


def short(node: Node) -> str:
    """Return a node's name without its namespace."""
    dataset = dataset_of(node)
    return f"{dataset.name}#{node.column}" if isinstance(node, ColumnId) else dataset.name
