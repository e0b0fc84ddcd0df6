"""A hand-written list of edges in YAML as a source of lineage."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, Problems
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.lineage_sources import EDGE_LIST, KIND
from headwater.catalog.shapes import inner, keys
from headwater.catalog.yaml_source import parse_yaml
from headwater.lineage.uses import DIRECT, INDIRECT, NONE, Declared, Reading, Use

if TYPE_CHECKING:
    import datetime

    from headwater.catalog.nodes import Node as YamlNode
    from headwater.catalog.position import Position
    from headwater.lineage.uses import Subtype, Uses

_SCHEME = "[A-Za-z][A-Za-z0-9+.-]*://"
_NAME = re.compile(rf"(?P<namespace>{_SCHEME}[^/\x00]+|(?!{_SCHEME})[^/\x00]+)/(?P<name>[^\x00]+)")


def split_name(text: str) -> DatasetId | None:
    """Return the dataset that ``namespace/name`` names; ``None`` if it is no such text.

    The namespace ends at the first slash after its scheme.

    Example:
        >>> split_name("postgres://db:5432/shop.public.orders")
        DatasetId(namespace='postgres://db:5432', name='shop.public.orders')
        >>> split_name("orders") is None
        True
    """
    found = _NAME.fullmatch(text)
    return DatasetId(found["namespace"], found["name"]) if found else None


@dataclass(slots=True)
class _Made:
    """What the edges so far say of one dataset of one job."""

    at: Position
    columns: dict[str, Uses] = field(default_factory=dict)
    influences: Uses = NONE
    inputs: dict[DatasetId, Position] = field(default_factory=dict)
    whole: dict[DatasetId, Position] = field(default_factory=dict)


_Job = tuple[JobId, str | None]


def read_edges(data: bytes, file: str) -> Reading:
    """Return what an edge list declares.

    An edge leads from a column or a dataset to a column or a dataset: from a column to a dataset
    it influences the whole; between two datasets it says that one is made from the other, no
    more. A column of a dataset of which nothing else is known is not made from a whole dataset.

    Raises:
        DocumentError: It is not an edge list: all problems, each with its position.
    """
    return read_dated_edges(data, file)[0]


def read_dated_edges(
    data: bytes, file: str, *, dated: bool = False
) -> tuple[Reading, datetime.date | None]:
    """Return what an edge list declares, and since when.

    Args:
        data: The list.
        file: What positions call it.
        dated: Whether it has to say since when.

    Raises:
        DocumentError: It is not an edge list: all problems, each with its position.
    """
    problems = Problems()
    form = Form(parse_yaml(data, file), problems, file, *keys(EDGE_LIST))
    form.choice("kind", [KIND])
    since = form.date("since", required=dated)
    default = (_job(form, problems), form.optional("purpose"))
    made: dict[tuple[_Job, DatasetId], _Made] = {}
    for node in form.items("edges", required=True):
        _edge(node, default, made, problems)
    for found in made.values():
        for dataset in found.whole.keys() & found.inputs.keys():
            problems.add("edge-mixed", found.whole[dataset], name=dataset)
    problems.raise_any()
    return Reading(_declared(made)), since


def _job(form: Form, problems: Problems) -> JobId | None:
    text = form.optional("job")
    if text is None:
        return None
    found = split_name(text)
    if found is None:
        problems.add("edge-name", form.at("job"), value=text)
        return None
    return JobId(found.namespace, found.name)


def _edge(
    node: YamlNode,
    default: tuple[JobId | None, str | None],
    made: dict[tuple[_Job, DatasetId], _Made],
    problems: Problems,
) -> None:
    form = Form(node, problems, "edges", *keys(inner(EDGE_LIST, "edges")))
    source, target = _end(form, "from", problems), _end(form, "to", problems)
    job = _job(form, problems) or default[0]
    if job is None and not form.has("job"):
        problems.add("edge-no-job", form.position)
    subtype = _subtype(form, source, target, problems)
    masked = form.yes_no("masked", default=False)
    purpose = form.optional("purpose") or default[1]
    if not (source and target and job and subtype):
        return
    dataset = target.dataset if isinstance(target, ColumnId) else target
    found = made.setdefault(((job, purpose), dataset), _Made(form.position))
    if isinstance(source, DatasetId):
        found.whole.setdefault(source, form.position)
        return
    found.inputs.setdefault(source.dataset, form.position)
    use = frozenset({Use(source, subtype, masked)})
    if isinstance(target, ColumnId):
        found.columns[target.column] = found.columns.get(target.column, NONE) | use
    else:
        found.influences |= use


def _end(form: Form, key: str, problems: Problems) -> DatasetId | ColumnId | None:
    text = form.text(key)
    if not text:
        return None
    name, _, column = text.rpartition("#") if "#" in text else (text, "", "")
    dataset = split_name(name)
    if dataset is None or ("#" in text and not column):
        problems.add("edge-name", form.at(key), value=text)
        return None
    return ColumnId(dataset, column) if column else dataset


def _subtype(
    form: Form,
    source: DatasetId | ColumnId | None,
    target: DatasetId | ColumnId | None,
    problems: Problems,
) -> Subtype | None:
    """Return how the column is used: what the edge says, fit for its two ends."""
    if source is None or target is None:
        return None
    to_whole = isinstance(target, DatasetId)
    default = "indirect" if to_whole and isinstance(source, ColumnId) else "direct"
    kind = form.choice("kind", ["direct", "indirect"], default)
    if isinstance(source, DatasetId):
        if isinstance(target, ColumnId):
            problems.add("edge-whole-to-column", form.position)
            return None
        for key in ("kind", "subtype", "masked"):
            if form.has(key):
                problems.add("edge-whole", form.at(key), key=key)
        return "IDENTITY"
    if kind == "direct" and to_whole:
        problems.add("edge-direct-to-whole", form.at("kind"))
        return None
    known = DIRECT if kind == "direct" else INDIRECT
    said = form.optional_choice("subtype", known)
    return next((each for each in known if each == said), known[1])


def _declared(made: dict[tuple[_Job, DatasetId], _Made]) -> tuple[Declared, ...]:
    outputs: dict[JobId, int] = {}
    for (job, _), _dataset in made:
        outputs[job] = outputs.get(job, 0) + 1
    found: list[Declared] = []
    for ((job, purpose), dataset), edges in made.items():
        known = bool(edges.inputs)
        own = job if outputs[job] == 1 else _own_job(job, purpose, dataset, made)
        found.append(
            Declared(
                job=own,
                purpose=purpose,
                output=dataset,
                inputs=tuple(sorted({*edges.inputs, *edges.whole})),
                columns=tuple(sorted(edges.columns)),
                made_from=dict(edges.columns) if known else None,
                influences=edges.influences,
                place=str(edges.at),
            )
        )
    return tuple(sorted(found, key=lambda each: (each.output, each.job)))


def _own_job(
    job: JobId,
    purpose: str | None,
    dataset: DatasetId,
    made: dict[tuple[_Job, DatasetId], _Made],
) -> JobId:
    """Return the job under a name of its own: in one job every input counts for every output."""
    purposes = {other for (same, other), to in made if same == job and to == dataset}
    ending = f".{purpose}" if len(purposes) > 1 and purpose else ""
    return JobId(job.namespace, f"{job.name}.{dataset.name}{ending}")
