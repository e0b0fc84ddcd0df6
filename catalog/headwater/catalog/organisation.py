"""``departments.yaml`` and ``purposes.yaml``: who there is, and what data may be for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, Problems
from headwater.catalog.kinds import DEPARTMENTS, PURPOSES
from headwater.catalog.model import ADMINISTRATIVE, LEVELS, Department, Purpose
from headwater.catalog.public_keys import read_keys
from headwater.catalog.shapes import inner, keys
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.nodes import Mapping, Node

_REGION = re.compile(r"\d{6}")


def read_departments(node: Mapping, problems: Problems) -> tuple[Department, ...]:
    """Return the departments of one file."""
    form = Form(node, problems, "departments", *keys(DEPARTMENTS))
    return tuple(_department(item, problems) for item in form.items("departments", required=True))


def _department(item: Node, problems: Problems) -> Department:
    form = Form(item, problems, "departments", *keys(inner(DEPARTMENTS, "departments")))
    name = form.id()
    region = form.text("region")
    if region and not _REGION.fullmatch(region):
        problems.add("bad-region", form.at("region"), value=region)
    return Department(
        id=name,
        name=form.title("name") or Text(name, name),
        level=form.choice("level", ADMINISTRATIVE),
        region=region,
        clearance=form.choice("clearance", LEVELS),
        under=form.optional("under"),
        position=form.position,
        keys=read_keys(form, problems),
    )


def read_purposes(node: Mapping, problems: Problems) -> tuple[Purpose, ...]:
    """Return the purposes of one file."""
    form = Form(node, problems, "purposes", *keys(PURPOSES))
    return tuple(_purpose(item, problems) for item in form.items("purposes", required=True))


def _purpose(item: Node, problems: Problems) -> Purpose:
    form = Form(item, problems, "purposes", *keys(inner(PURPOSES, "purposes")))
    name = form.id()
    return Purpose(
        id=name,
        name=form.title("name") or Text(name, name),
        under=form.optional("under"),
        dpv=form.optional("dpv"),
        position=form.position,
    )
