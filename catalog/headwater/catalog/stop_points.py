"""``stop-points.yaml``: where labels may drop, and what proves it.

De-identified data is still personal (PIPL 73): what pseudonymises or masks never takes
``personal`` away. Only what anonymises may, and what leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from headwater.catalog.elements import known_categories
from headwater.catalog.forms import Form, Problems
from headwater.catalog.globs import Glob
from headwater.catalog.levels import LEVELS
from headwater.catalog.shapes import (
    ID,
    choice,
    inner,
    keys,
    mapping,
    pattern,
    some,
    text,
    texts,
    title,
)
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.elements import Dictionary
    from headwater.catalog.ids import DatasetId, JobId
    from headwater.catalog.nodes import Mapping, Node
    from headwater.catalog.position import Position

Kind = Literal["aggregate", "k-anonymise", "pseudonymise", "mask", "drop"]
KINDS: tuple[Kind, ...] = ("aggregate", "k-anonymise", "pseudonymise", "mask", "drop")
DEIDENTIFYING: tuple[Kind, ...] = ("pseudonymise", "mask")
OF_ROWS: tuple[Kind, ...] = ("aggregate", "k-anonymise")
"""Kinds that change what a row stands for: what chose the rows is no longer told either."""

_PROVED_BY: dict[Kind, tuple[str, ...]] = {
    "aggregate": ("min_group", "k"),
    "k-anonymise": ("k",),
    "pseudonymise": ("format",),
    "mask": ("format",),
    "drop": (),
}
_NUMBERS = ("k", "l", "min_group")
_TOGETHER = (("l", "sensitive"), ("min_group", "size_column"))
_COUNT = {"type": "integer", "minimum": 2}

_NAMES = mapping({"namespace": text(), "name": text()})
STOP_POINTS = mapping(
    {
        "kind": {"const": "stop-points"},
        "stop_points": some(
            mapping(
                {
                    "id": pattern(ID),
                    "title": title(),
                    "kind": choice(KINDS),
                    "job": _NAMES,
                    "dataset": _NAMES,
                    "columns": texts(),
                    "lowers": mapping({"level": choice(LEVELS), "remove": texts()}),
                    "proof": mapping(
                        {
                            "k": _COUNT,
                            "quasi_identifiers": texts(),
                            "l": _COUNT,
                            "sensitive": text(),
                            "min_group": _COUNT,
                            "size_column": text(),
                            "format": text(),
                        }
                    ),
                },
                ("id", "kind", "lowers"),
                anyOf=[{"required": ["job"]}, {"required": ["dataset"]}],
            )
        ),
    },
    ("kind", "stop_points"),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What must hold of the output's own data, and where that is written.

    Attributes:
        k: Every combination of the quasi-identifiers stands in so many rows at least.
        quasi_identifiers: These columns; none named: all but the sensitive one.
        l: Every such group has so many values of ``sensitive`` at least.
        sensitive: The column of which this is asked.
        min_group: Every row stands for so many people or things at least.
        size_column: The column that counts them.
        format: The RE2 pattern that every value of the stop-point's columns fits as a whole.
        position: Where it stands.
    """

    k: int | None
    quasi_identifiers: tuple[str, ...]
    l: int | None  # noqa: E741 - its name in the literature: l-diversity
    sensitive: str | None
    min_group: int | None
    size_column: str | None
    format: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class StopPoint:
    """A declared transformation at which labels may drop while its proof passes.

    Attributes:
        job: Globs over the namespace and name of the jobs that it is; ``None``: any job.
        dataset: Globs over the datasets that they write; ``None``: any.
        columns: Globs over these datasets' columns.
        level: No label is higher after it; ``None``: levels stay.
        removed: The categories that it takes away, with all that lie under them.
    """

    id: str
    title: Text
    kind: Kind
    job: tuple[Glob, Glob] | None
    dataset: tuple[Glob, Glob] | None
    columns: tuple[Glob, ...]
    level: str | None
    removed: tuple[str, ...]
    proof: Proof
    position: Position

    def is_of_job(self, job: JobId) -> bool:
        """Say whether ``job`` is, or may be, this transformation."""
        return self.job is None or _match(self.job, job.namespace, job.name)

    def is_of_dataset(self, dataset: DatasetId) -> bool:
        """Say whether ``dataset`` is, or may be, its output."""
        return self.dataset is None or _match(self.dataset, dataset.namespace, dataset.name)

    def is_of_column(self, column: str) -> bool:
        """Say whether it is of a column."""
        return any(glob.matches(column) for glob in self.columns)

    @property
    def is_of_every_column(self) -> bool:
        """Whether it is of all columns, known or not."""
        return any(glob.pattern == "*" for glob in self.columns)


def _match(globs: tuple[Glob, Glob], namespace: str, name: str) -> bool:
    return globs[0].matches(namespace) and globs[1].matches(name)


def read_stop_points(
    node: Mapping, dictionary: Dictionary, problems: Problems
) -> tuple[StopPoint, ...]:
    """Return the stop-points of one file."""
    form = Form(node, problems, "stop_points", *keys(STOP_POINTS))
    items = form.items("stop_points", required=True)
    return tuple(_stop_point(item, dictionary, problems) for item in items)


def _stop_point(item: Node, dictionary: Dictionary, problems: Problems) -> StopPoint:
    form = Form(item, problems, "stop_points", *keys(inner(STOP_POINTS, "stop_points")))
    name = form.id()
    kind = cast("Kind", form.choice("kind", KINDS))
    if not form.has("job") and not form.has("dataset"):
        problems.add("stop-point-nowhere", form.position, id=name)
    level, removed = _lowers(form, kind, dictionary, problems)
    return StopPoint(
        id=name,
        title=form.title("title", required=False) or Text(name, name),
        kind=kind,
        job=_names(form, "job"),
        dataset=_names(form, "dataset"),
        columns=_columns(form, kind, problems),
        level=level,
        removed=removed,
        proof=_proof(form, kind, problems),
        position=form.at("id"),
    )


def _names(form: Form, key: str) -> tuple[Glob, Glob] | None:
    found = form.form(key, *keys(_NAMES), required=False)
    return (Glob(found.text("namespace", "*")), Glob(found.text("name", "*"))) if found else None


def _columns(form: Form, kind: Kind, problems: Problems) -> tuple[Glob, ...]:
    found = tuple(Glob(value, at) for value, at in form.texts("columns"))
    if not found and kind in KINDS and kind not in OF_ROWS:
        problems.add("missing-key", form.position, key="columns")
    return found or (Glob("*"),)


def _lowers(
    form: Form, kind: Kind, dictionary: Dictionary, problems: Problems
) -> tuple[str | None, tuple[str, ...]]:
    lowers = form.form("lowers", *keys(inner(STOP_POINTS, "stop_points", "lowers")))
    if lowers is None:
        return None, ()
    level = lowers.optional_choice("level", LEVELS)
    removed = dictionary.below(known_categories(lowers, "remove", dictionary, problems))
    if not lowers.has("level") and not lowers.has("remove"):
        problems.add("stop-point-lowers-nothing", lowers.position)
    if kind in DEIDENTIFYING and "personal" in removed:
        problems.add("not-anonymised", lowers.at("remove"), kind=kind)
    return level, removed


def _proof(form: Form, kind: Kind, problems: Problems) -> Proof:
    known = keys(inner(STOP_POINTS, "stop_points", "proof"))
    proof = form.form("proof", *known, required=bool(_PROVED_BY.get(kind)))
    if proof is None:
        return Proof(None, (), None, None, None, None, None, form.position)
    _check_proof(proof, kind, problems)
    return Proof(
        k=_count(proof, "k", problems),
        quasi_identifiers=tuple(value for value, _ in proof.texts("quasi_identifiers")),
        l=_count(proof, "l", problems),
        sensitive=proof.optional("sensitive"),
        min_group=_count(proof, "min_group", problems),
        size_column=proof.optional("size_column"),
        format=proof.optional("format"),
        position=proof.position,
    )


def _check_proof(proof: Form, kind: Kind, problems: Problems) -> None:
    wanted = _PROVED_BY.get(kind)
    if wanted is not None and not any(proof.has(key) for key in wanted):
        problems.add("stop-point-proof", proof.position, kind=kind, keys=list(wanted))
    for one, other in _TOGETHER:
        if proof.has(one) != proof.has(other):
            given, missing = (one, other) if proof.has(one) else (other, one)
            problems.add("proof-needs", proof.at(given), key=given, needed=missing)
    if proof.has("l") and not proof.has("k"):
        problems.add("proof-needs", proof.at("l"), key="l", needed="k")


def _count(proof: Form, key: str, problems: Problems) -> int | None:
    found = proof.whole(key)
    if found is not None and found < 2:
        problems.add("proof-too-small", proof.at(key), key=key, value=found)
    return found
