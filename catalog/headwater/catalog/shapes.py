"""What files may look like, said once: readers take their keys from here, schemas are this.

A shape is a JSON Schema (2020-12), built from a few words. It says no more than a reader checks
by itself, without looking at other files; :mod:`headwater.policies.schema` joins in the kinds of
file that policies are written in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Shape: TypeAlias = dict[str, object]

DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PERIOD = r"^P(?=[0-9])([0-9]{1,4}Y)?([0-9]{1,5}M)?([0-9]{1,5}W)?([0-9]{1,6}D)?$"
ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"


def mapping(properties: Mapping[str, Shape], required: Iterable[str] = (), **more: object) -> Shape:
    """Return the shape of a mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def keys(shape: Shape) -> tuple[str, ...]:
    """Return the keys that a mapping may have.

    Example:
        >>> keys(mapping({"id": text()}))
        ('id',)
    """
    properties = shape["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - a mapping has them
    return tuple(properties)


def inner(shape: Shape, *path: str) -> Shape:
    """Return the shape below the keys ``path``; of a list, that of its items."""
    for key in path:
        properties = shape["properties"]
        assert isinstance(properties, dict)  # noqa: S101 - a mapping has them
        shape = properties[key]
        shape = shape["items"] if shape.get("type") == "array" else shape  # type: ignore[assignment]
    return shape


def text() -> Shape:
    """Return the shape of a text that is not empty."""
    return {"type": "string", "pattern": r"\S"}


def pattern(source: str) -> Shape:
    """Return the shape of a text that matches."""
    return {"type": "string", "pattern": source}


def choice(names: Iterable[object]) -> Shape:
    """Return the shape of one of ``names``."""
    return {"enum": list(names)}


def title() -> Shape:
    """Return the shape of a text in one or both languages."""
    return {"anyOf": [text(), mapping({"en": text(), "zh": text()}, ("en", "zh"))]}


def texts(item: Shape | None = None) -> Shape:
    """Return the shape of a list of texts, or of one text that stands for a list of one."""
    one = item or text()
    return {"anyOf": [one, {"type": "array", "items": one}]}


def some(item: Shape) -> Shape:
    """Return the shape of a list that is not empty."""
    return {"type": "array", "items": item, "minItems": 1}


def dates(*required: str) -> Shape:
    """Return the shape of ``{from, until}``."""
    return mapping({"from": pattern(DATE), "until": pattern(DATE)}, required)
