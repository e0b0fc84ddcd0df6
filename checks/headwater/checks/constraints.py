"""Constraints that a contract states of its properties: required, unique, keys, limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.text import Text
from headwater.checks.drafts import Place, is_true, mappings, number_of, texts, unjudged
from headwater.checks.model import Check
from headwater.checks.views import limit_in, view_of_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.position import Position
    from headwater.checks.drafts import Compiled
    from headwater.checks.model import View

# Options that say how values are written, and restrict nothing that a check could count.
_DESCRIPTIVE = frozenset({"format", "timezone", "defaultTimezone", "timeZone"})
_LENGTHS = ("minLength", "maxLength")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")

_NO_CHECK = Text("this version has no check for that option", "本版本没有针对该选项的检查")
_NOT_A_LIMIT = Text(
    "limits must all be numbers, or all ISO 8601 dates, timestamps or times, at most one an end",
    "限值必须同为数字，或同为 ISO 8601 日期、时间戳或时刻，且每端至多一个",
)
_NOT_A_LENGTH = Text("a length must be a whole number", "长度必须是整数")
_NOT_VALUES = Text("it must be a list of values", "必须是取值的列表")


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
    yield from _enum_check(place, node)
    options = node.get("logicalTypeOptions")
    if isinstance(options, Mapping):
        yield from _option_checks(place, options)


def _enum_check(place: Place, node: Mapping) -> Iterator[Compiled]:
    written = node.get("enum")
    if written is None:
        return
    title = Text("`{c}` is one of the values listed", "`{c}` 在列出的取值之内")
    title = title.fill({"c": place.column})
    inner = [value for item in mappings(written) if (value := item.get("value")) is not None]
    values = texts(Sequence(tuple(inner), written.position)) if inner else texts(written)
    whole = isinstance(written, Sequence) and len(inner) in (0, len(written.items))
    if not values or not whole:
        yield unjudged(place, f"{place.column}.enum", title, node.at("enum"), _NOT_VALUES)
        return
    name = "expect_column_values_to_be_in_set"
    at = node.at("enum")
    yield _check(place, "enum", title, name, at, view="text", value_set=values)


def _option_checks(place: Place, options: Mapping) -> Iterator[Compiled]:
    if any(options.get(key) is not None for key in _LENGTHS):
        yield _length_check(place, options)
    if any(options.get(key) is not None for key in _LIMITS):
        yield _limit_check(place, options)
    if options.get("pattern") is not None:
        yield _pattern_check(place, options)
    if options.get("enum") is not None:
        yield from _enum_check(place, options)
    for entry in options:
        if entry.key not in {*_LENGTHS, *_LIMITS, *_DESCRIPTIVE, "pattern", "enum"}:
            title = Text("`{c}`: option {o}", "`{c}`：选项 {o}")
            filled = title.fill({"c": place.column, "o": entry.key})
            yield unjudged(place, f"{place.column}.{entry.key}", filled, entry.position, _NO_CHECK)


def _pattern_check(place: Place, options: Mapping) -> Compiled:
    title = Text("`{c}` has the form stated", "`{c}` 符合规定的格式").fill({"c": place.column})
    at = options.at("pattern")
    pattern = options.text("pattern")
    if reason := unusable_pattern(pattern):
        return unjudged(place, f"{place.column}.pattern", title, at, reason)
    name = "expect_column_values_to_match_regex"
    return _check(place, "pattern", title, name, at, view="text", regex=pattern)


def unusable_pattern(pattern: str | None) -> Text | None:
    """Return why a regular expression cannot be used, or ``None`` where it can."""
    try:
        re.compile(pattern or "(")
    except (re.error, RecursionError, OverflowError) as error:
        reason = Text("it is no regular expression: {error}", "不是正则表达式：{error}")
        return reason.fill({"error": error if pattern else "-"})
    return None


def _length_check(place: Place, options: Mapping) -> Compiled:
    title = Text("`{c}` has the length stated", "`{c}` 的长度符合规定").fill({"c": place.column})
    written = [key for key in _LENGTHS if options.get(key) is not None]
    at = options.at(written[0])
    low, high = (number_of(options.get(key)) for key in _LENGTHS)
    if any(not isinstance(number_of(options.get(key)), int) for key in written):
        return unjudged(place, f"{place.column}.length", title, at, _NOT_A_LENGTH)
    name = "expect_column_value_lengths_to_be_between"
    return _check(place, "length", title, name, at, view="text", min_value=low, max_value=high)


def _limit_check(place: Place, options: Mapping) -> Compiled:
    title = Text("`{c}` lies within its limits", "`{c}` 在限值之内").fill({"c": place.column})
    at = options.at(next(key for key in _LIMITS if options.get(key) is not None))
    low, strict_low, sound_low = _end(options, "minimum", "exclusiveMinimum")
    high, strict_high, sound_high = _end(options, "maximum", "exclusiveMaximum")
    view = view_of_limits((low, high))
    if view is None or not sound_low or not sound_high:
        return unjudged(place, f"{place.column}.limits", title, at, _NOT_A_LIMIT)
    return _check(
        place, "limits", title, "expect_column_values_to_be_between", at, view=view,
        min_value=limit_in(view, low), max_value=limit_in(view, high),
        strict_min=strict_low, strict_max=strict_high,
    )  # fmt: skip


def _end(options: Mapping, plain: str, exclusive: str) -> tuple[object, bool, bool]:
    """Return one limit, whether it is strict, and whether it could be understood.

    ODCS 3.0 writes ``exclusiveMinimum: true`` beside ``minimum``; later versions write the limit.
    """
    limit, strict = _value(options, plain), _value(options, exclusive)
    if strict is None or strict is False:
        return limit, False, True
    if strict is True:
        return limit, True, limit is not None
    return strict, True, limit is None


def _value(options: Mapping, key: str) -> object:
    """Return a single value; what is none is returned as itself, which is no limit."""
    node = options.get(key)
    return node.value if isinstance(node, Scalar) else node


def _check(
    place: Place,
    key: str,
    title: Text,
    expectation: str,
    position: Position,
    *,
    view: View = "plain",
    **kwargs: object,
) -> Check:
    return Check(
        dataset=place.dataset,
        key=f"{place.column}.{key}",
        columns=place.columns,
        title=title,
        expectation=expectation,
        position=position,
        kwargs={"column": place.column, **kwargs},
        view=view,
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
