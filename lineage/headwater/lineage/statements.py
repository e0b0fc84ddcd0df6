"""What runs say beside their edges, as words that a store keeps without knowing what they mean.

==========  ====================================================================================
kind        words
==========  ====================================================================================
alias       dataset (namespace, name), another name of it (namespace, name), the other's type
rename      the old name (namespace, name), the new one (namespace, name)
drop        dataset (namespace, name)
parent      the parent's run id, its job (namespace, name)
owners      ``dataset`` or ``job``, namespace, name, the owners
tags        dataset (namespace, name), then column (or empty), key and value of each tag
through     source and target, each ``node`` or ``job``, namespace, name, column (or empty);
            then purpose (or empty), kind, masked, evidence, whole, the subtypes
==========  ====================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.manner import Manner
from headwater.lineage.model import Node, Statement, node_key

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Through:
    """An edge that begins or ends at a job."""

    source: Node | JobId
    target: Node | JobId
    purpose: str | None
    manner: Manner


def alias(dataset: DatasetId, other: DatasetId, kind: str) -> Statement:
    """Return that ``other`` is another name of ``dataset``."""
    return Statement("alias", "", (*dataset.key(), *other.key(), kind))


def rename(old: DatasetId, new: DatasetId, moment: str) -> Statement:
    """Return that ``old`` is called ``new`` from ``moment`` on."""
    return Statement("rename", moment, (*old.key(), *new.key()))


def drop(dataset: DatasetId, moment: str) -> Statement:
    """Return that ``dataset`` is no more from ``moment`` on."""
    return Statement("drop", moment, dataset.key())


def parent(run: str, job: JobId) -> Statement:
    """Return that the run was started by ``run`` of ``job``."""
    return Statement("parent", "", (run, job.namespace, job.name))


def owners(subject: DatasetId | JobId, names: Iterable[str], moment: str) -> Statement:
    """Return who owns ``subject``; nobody, if the names are none."""
    kind = "job" if isinstance(subject, JobId) else "dataset"
    return Statement("owners", moment, (kind, subject.namespace, subject.name, *sorted(set(names))))


def tags(dataset: DatasetId, found: Iterable[tuple[str, str, str]], moment: str) -> Statement:
    """Return the tags of ``dataset``: column (or empty), key and value of each."""
    words = (word for tag in sorted(set(found)) for word in tag)
    return Statement("tags", moment, (*dataset.key(), *words))


def through(
    source: Node | JobId, target: Node | JobId, purpose: str | None, manner: Manner
) -> Statement:
    """Return an edge that begins or ends at a job."""
    words = (
        *_end_words(source),
        *_end_words(target),
        purpose or "",
        "direct" if manner.direct else "indirect",
        str(int(manner.masked)),
        manner.evidence,
        str(int(manner.whole)),
        *manner.subtypes,
    )
    return Statement("through", "", words)


def read_through(words: tuple[str, ...]) -> Through:
    """Return the edge that the words of a statement ``through`` say."""
    purpose, kind, masked, evidence, whole, *subtypes = words[8:]
    return Through(
        source=_end(words[:4]),
        target=_end(words[4:8]),
        purpose=purpose or None,
        manner=Manner(
            direct=kind == "direct",
            masked=masked == "1",
            evidence=evidence,  # type: ignore[arg-type]
            subtypes=tuple(subtypes),
            whole=whole == "1",
        ),
    )


def _end_words(end: Node | JobId) -> tuple[str, ...]:
    if isinstance(end, JobId):
        return ("job", end.namespace, end.name, "")
    return ("node", *node_key(end))


def _end(words: tuple[str, ...]) -> Node | JobId:
    kind, namespace, name, column = words
    if kind == "job":
        return JobId(namespace, name)
    dataset = DatasetId(namespace, name)
    return ColumnId(dataset, column) if column else dataset
