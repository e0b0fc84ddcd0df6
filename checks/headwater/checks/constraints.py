"""Constraints that a contract states of its properties: required, unique, keys, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar
from headwater.catalog.text import Text
from headwater.checks.drafts import Place, is_true, mappings, number_of, scalars, unjudged
from headwater.checks.model import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position
    from headwater.checks.drafts import Compiled

# Options that say how values are written, and restrict nothing that a check could count.
_DESCRIPTIVE = frozenset({"format", "timezone", "defaultTimezone", "timeZone"})
_LENGTHS = ("minLength", "maxLength")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def property_checks(place: Place, node: Mapping, *, sole_key: bool) -> Iterator[Compiled]:
    """Yield the checks of one property.

    Args:
        place: The dataset and the property's column.
        node: The property as written.
        sole_key: Whether it alone is the primary key.
    """
    column = place.column or ""
    if is_true(node, "required") or is_true(node, "primaryKey"):
        key = "required" if is_true(node, "required") else "primaryKey"
        title = Text("`{c}` is never empty", "`{c}` 不为空").fill({"c": column})
        yield _check(place, "required", title, "expect_column_values_to_not_be_null", node.at(key))
    if is_true(node, "unique") or sole_key:
        key = "unique" if is_true(node, "unique") else "primaryKey"
        title = Text("`{c}` is unique", "`{c}` 不重复").fill({"c": column})
        yield _check(place, "unique", title, "expect_column_values_to_be_unique", node.at(key))
    values = scalars(node.get("enum")) or [m.text("value") for m in mappings(node.get("enum"))]
    if values:
        title = Text("`{c}` is one of the values listed", "`{c}` 在列出的取值之内")
        yield _check(
            place, "enum", title.fill({"c": column}), "expect_column_values_to_be_in_set",
            node.at("enum"), value_set=[str(value) for value in values],
        )  # fmt: skip
    options = node.get("logicalTypeOptions")
    if isinstance(options, Mapping):
        yield from _option_checks(place, options)


def _option_checks(place: Place, options: Mapping) -> Iterator[Compiled]:
    yield from _length_check(place, options)
    yield from _limit_check(place, options)
    values = {"c": place.column}
    if pattern := options.text("pattern"):
        title = Text("`{c}` has the form stated", "`{c}` 符合规定的格式").fill(values)
        at = options.at("pattern")
        yield _check(
            place, "pattern", title, "expect_column_values_to_match_regex", at, regex=pattern
        )
    for entry in options:
        if entry.key not in {*_LENGTHS, *_LIMITS, *_DESCRIPTIVE, "pattern"}:
            title = Text("`{c}`: option {o}", "`{c}`：选项 {o}").fill({**values, "o": entry.key})
            reason = Text("this version has no check for that option", "本版本没有针对该选项的检查")
            yield unjudged(place, f"{place.column}.{entry.key}", title, entry.position, reason)


def _length_check(place: Place, options: Mapping) -> Iterator[Compiled]:
    low, high = (number_of(options.get(key)) for key in _LENGTHS)
    if low is None and high is None:
        return
    title = Text("`{c}` has the length stated", "`{c}` 的长度符合规定").fill({"c": place.column})
    at = options.at("minLength" if low is not None else "maxLength")
    name = "expect_column_value_lengths_to_be_between"
    yield _check(place, "length", title, name, at, min_value=low, max_value=high)


def _limit_check(place: Place, options: Mapping) -> Iterator[Compiled]:
    found = {key: _limit(options.get(key)) for key in _LIMITS}
    if all(value is None for value in found.values()):
        return
    first = next(key for key, value in found.items() if value is not None)
    title = Text("`{c}` lies within its limits", "`{c}` 在限值之内").fill({"c": place.column})
    strict_low = found["exclusiveMinimum"] is not None
    strict_high = found["exclusiveMaximum"] is not None
    yield _check(
        place, "limits", title, "expect_column_values_to_be_between", options.at(first),
        min_value=found["exclusiveMinimum"] if strict_low else found["minimum"],
        max_value=found["exclusiveMaximum"] if strict_high else found["maximum"],
        strict_min=strict_low, strict_max=strict_high,
    )  # fmt: skip


def _limit(node: Node | None) -> int | float | str | None:
    """Return a limit: a number, or the text of a date."""
    number = number_of(node)
    if number is not None:
        return number
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _check(
    place: Place, key: str, title: Text, expectation: str, position: Position, **kwargs: object
) -> Check:
    limits = [value for name, value in kwargs.items() if name in {"min_value", "max_value"}]
    compared = expectation == "expect_column_values_to_be_between"
    return Check(
        dataset=place.dataset,
        key=f"{place.column}.{key}",
        columns=place.columns,
        title=title,
        expectation=expectation,
        position=position,
        kwargs={"column": place.column, **kwargs},
        numeric=compared and not any(isinstance(value, str) for value in limits),
    )


def key_check(place: Place, columns: tuple[str, ...], position: Position) -> Check:
    """Return the check that several columns together are a key."""
    title = Text("{c} together are unique", "{c} 的组合不重复")
    return Check(
        dataset=place.dataset,
        key="primaryKey",
        columns=columns,
        title=title.fill({"c": [f"`{name}`" for name in columns]}),
        expectation="expect_compound_columns_to_be_unique",
        position=position,
        kwargs={"column_list": list(columns)},
    )
