"""Sharing agreements: who may use which columns for which purposes until when."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from headwater.catalog.agreement_terms import read_terms
from headwater.catalog.canonical import canonical_json
from headwater.catalog.forms import Form, Problems
from headwater.catalog.globs import Glob
from headwater.catalog.kinds import AGREEMENT, GROUNDS, STATES
from headwater.catalog.model import LEVELS, Agreement, Grant, Paper
from headwater.catalog.nodes import Scalar, Sequence, plain
from headwater.catalog.shapes import inner, keys
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.nodes import Mapping, Node
    from headwater.catalog.position import Position


def read_agreement(node: Mapping, problems: Problems) -> Agreement:
    """Return the agreement that ``node`` holds; problems are gathered."""
    form = Form(node, problems, "agreement", *keys(AGREEMENT))
    name = form.id()
    basis = form.form("legal_basis", *_inner("legal_basis"))
    start, until = form.dates("valid")
    if not start:
        problems.add("missing-key", form.at("valid"), key="valid.from")
    conditions = form.form("conditions", *_inner("conditions"), required=False)
    return Agreement(
        id=name,
        title=form.title("title", required=False) or Text(name, name),
        provider=form.text("provider"),
        consumer=form.text("consumer"),
        grants=tuple(_grant(item, problems) for item in form.items("grants", required=True)),
        purposes=tuple(value for value, _ in form.texts("purposes", required=True)),
        ground=basis.choice("ground", GROUNDS) if basis else "",
        mandate=basis.optional("mandate") if basis else None,
        start=start or datetime.date.min,
        until=until,
        state=form.optional_choice("state", STATES),
        max_level=conditions.optional_choice("max_level", LEVELS) if conditions else None,
        onward=_onward(form),
        places=_places(form),
        position=form.at("id"),
        terms=read_terms(form, conditions, problems),
        paper=Paper(canonical_json(plain(node))),
    )


def _inner(key: str) -> tuple[str, ...]:
    return keys(inner(AGREEMENT, key))


def _grant(item: Node, problems: Problems) -> Grant:
    form = Form(item, problems, "grants", *_inner("grants"))
    return Grant(
        contract=form.text("contract"),
        object=form.optional("object"),
        columns=tuple(Glob(value, at) for value, at in form.texts("columns", required=True)),
        position=form.position,
    )


def _onward(form: Form) -> frozenset[str] | None:
    """Return the departments named; none unless the agreement says otherwise."""
    names = frozenset(value for value, _ in form.texts("onward"))
    if names == {"any"}:
        return None
    return frozenset() if names == {"none"} else names


def _places(form: Form) -> dict[str, Position]:
    found = {form.node.text(key) or "": form.at(key) for key in ("provider", "consumer")}
    for key in ("purposes", "onward"):
        node = form.node.get(key)
        items = node.items if isinstance(node, Sequence) else (node,)
        found |= {item.text: item.position for item in items if isinstance(item, Scalar)}
    return found
