"""``labels`` in ``headwater.yaml``: how labels travel, and labels given by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.elements import known_categories
from headwater.catalog.forms import Form, Problems
from headwater.catalog.globs import Glob
from headwater.catalog.levels import LEVELS
from headwater.catalog.shapes import choice, inner, keys, mapping, text, texts

if TYPE_CHECKING:
    from headwater.catalog.elements import Dictionary
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position

_RULE = mapping(
    {
        "namespace": text(),
        "name": text(),
        "column": text(),
        "level": choice(LEVELS),
        "categories": texts(),
    },
    ["namespace"],
)
LABELS = mapping({"indirect": {"type": "boolean"}, "rules": {"type": "array", "items": _RULE}})


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A label for every column whose names match."""

    namespace: Glob
    name: Glob
    column: Glob
    level: str | None
    categories: tuple[str, ...]
    position: Position

    def is_of_dataset(self, dataset: DatasetId) -> bool:
        """Say whether it is of any column of ``dataset``."""
        return self.namespace.matches(dataset.namespace) and self.name.matches(dataset.name)

    def gives(self, dataset: DatasetId, column: str) -> bool:
        """Say whether it is of a column; an empty name stands for columns that nobody knows."""
        known = self.column.matches(column) if column else self.column.pattern == "*"
        return known and self.is_of_dataset(dataset)


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """How labels travel in a workspace.

    Attributes:
        indirect: Whether an influence (filter, join, group by) carries labels too.
        rules: Labels given by name; a column has those of every rule that matches.
    """

    indirect: bool = True
    rules: tuple[LabelRule, ...] = ()


def read_labels(form: Form, dictionary: Dictionary, problems: Problems) -> LabelSettings:
    """Return what ``headwater.yaml`` says of labels."""
    labels = form.form("labels", *keys(LABELS), required=False)
    if labels is None:
        return LabelSettings()
    return LabelSettings(
        indirect=labels.yes_no("indirect", default=True),
        rules=tuple(_rule(item, dictionary, problems) for item in labels.items("rules")),
    )


def _rule(item: Node, dictionary: Dictionary, problems: Problems) -> LabelRule:
    form = Form(item, problems, "rules", *keys(inner(LABELS, "rules")))
    categories = known_categories(form, "categories", dictionary, problems)
    if not form.has("level") and not form.has("categories"):
        problems.add("label-rule-empty", form.position)
    return LabelRule(
        namespace=Glob(form.text("namespace")),
        name=Glob(form.text("name", "*")),
        column=Glob(form.text("column", "*")),
        level=form.optional_choice("level", LEVELS),
        categories=dictionary.implied(categories),
        position=form.position,
    )
