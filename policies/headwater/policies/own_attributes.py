"""Reads files of kind ``vocabulary``: the attributes that a workspace declares for itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, Problems
from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.periods import is_period
from headwater.catalog.shapes import inner, keys
from headwater.catalog.text import Text
from headwater.policies.attributes import ATTRIBUTES, GROUPS, RANKS, TYPES, Attribute, Kind
from headwater.policies.shapes import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.nodes import Node

PERIOD_OPERATORS = ("older_than", "within")
LISTED = (Kind.CHOICE, Kind.SET)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RESERVED = frozenset(
    {
        *("as", "contains", "data", "default", "else", "every", "false", "if", "import", "in"),
        *("input", "not", "null", "package", "some", "true", "with"),
    }
)
"""Words of Rego, which cannot stand after a dot there."""


def read_attributes(
    documents: Iterable[Mapping], problems: Problems | None = None
) -> tuple[Attribute, ...]:
    """Return the attributes of the files of kind ``vocabulary`` among ``documents``, by name.

    Args:
        documents: Policy files as read.
        problems: Where problems go; without it they are those that a loader has already told.
    """
    found: dict[str, Attribute] = {}
    problems = Problems() if problems is None else problems
    for node in documents:
        if node.text("kind") == "vocabulary":
            for attribute in _document(node, problems):
                first = found.setdefault(attribute.name, attribute)
                if first is not attribute:
                    problems.add(
                        "duplicate-id",
                        attribute.position,
                        what=Text("attribute", "属性"),
                        id=attribute.name,
                        first=str(first.position),
                    )
    return tuple(found[name] for name in sorted(found))


def _document(node: Mapping, problems: Problems) -> Iterator[Attribute]:
    form = Form(node, problems, "vocabulary", *keys(VOCABULARY))
    form.id()
    form.title("title", required=False)
    for item in form.items("attributes", required=True):
        attribute = _attribute(
            Form(item, problems, "attributes", *keys(inner(VOCABULARY, "attributes"))), problems
        )
        if attribute is not None:
            yield attribute


def _attribute(form: Form, problems: Problems) -> Attribute | None:
    name = form.text("id")
    kind = TYPES.get(form.choice("type", TYPES))
    about = form.title("description") or Text(name, name)
    values = _values(form, kind, problems)
    optional = form.yes_no("may_be_absent", default=True)
    if not name or kind is None or not _check_name(name, form, problems):
        return None
    return Attribute(name, kind, about, RANKS.get(kind, values), optional, form.at("id"))


def _check_name(name: str, form: Form, problems: Problems) -> bool:
    group, _, inner = name.partition(".")
    if group not in GROUPS or not _NAME.fullmatch(inner) or inner in _RESERVED:
        problems.add("bad-attribute-id", form.at("id"), id=name, groups=GROUPS)
    elif name in ATTRIBUTES:
        problems.add("attribute-taken", form.at("id"), id=name)
    else:
        return True
    return False


def _values(form: Form, kind: Kind | None, problems: Problems) -> tuple[str, ...]:
    if kind is None:
        return ()
    if kind not in LISTED:
        if form.has("values"):
            problems.add("values-misfit", form.at("values"), kind=kind.text)
        return ()
    given = form.texts("values", required=kind is Kind.CHOICE)
    found = tuple(dict.fromkeys(value for value, _ in given))
    if len(found) != len(given):
        problems.add("repeated-values", form.at("values"))
    return found


def periods_of(documents: Iterable[Mapping]) -> tuple[str, ...]:
    """Return the periods that conditions in ``documents`` measure dates by, sorted."""
    return tuple(sorted({period for node in documents for period in _periods(node)}))


def _periods(node: Node) -> Iterator[str]:
    # Files nest no deeper than the YAML reader lets them.
    match node:
        case Mapping(entries=entries):
            for entry in entries:
                if entry.key in PERIOD_OPERATORS and isinstance(entry.value, Scalar):
                    if is_period(entry.value.text):
                        yield entry.value.text
                else:
                    yield from _periods(entry.value)
        case Sequence(items=items):
            for item in items:
                yield from _periods(item)
        case Scalar():
            return
