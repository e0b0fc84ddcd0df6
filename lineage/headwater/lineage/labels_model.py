"""Labels as they are declared, and where they came from, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.model import Edge, Node


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of labels where data stands.

    Attributes:
        labels: The labels of columns, and of datasets as a whole, as bits.
        columns: Columns that are known otherwise than from lineage.
        width: How many labels there are.
    """

    labels: Mapping[Node, int]
    columns: Mapping[DatasetId, Iterable[str]]
    width: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a label was declared, and a shortest path by which it came.

    Attributes:
        node: The column, or the dataset as a whole.
        path: From there to the column asked about: the places on the way.
        edges: The edges of the path, in its order.
    """

    node: Node
    path: tuple[Node, ...]
    edges: tuple[Edge, ...]
