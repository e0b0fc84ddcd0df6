"""How the columns of one dataset have changed: types, limits, duties, labels, quality rules."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.catalog.change_rules import CHANGES, Changed
from headwater.catalog.model import LEVELS
from headwater.catalog.nodes import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.catalog.model import Column, Dataset
    from headwater.catalog.position import Position

_WIDER = {("integer", "number"), ("date", "timestamp")}
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_AT_MOST = ("mustBeLessThan", "mustBeLessOrEqualTo", "mustBeLessThanOrEqualTo")
_AT_LEAST = ("mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeGreaterThanOrEqualTo")
_Stated = dict[str, object]


def column_changes(old: Dataset, new: Dataset) -> Iterator[Changed]:
    """Yield what has changed of the columns."""
    theirs = {column.name: column for column in old.columns}
    ours = {column.name: column for column in new.columns}
    before, after = dict(_stated(old.node)), dict(_stated(new.node))
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in ours:
            at = theirs[name].position
            yield replace(_of("contracts/column-removed", old, name, at), before=True)
        elif name not in theirs:
            required = after.get(name, {}).get("required") is True
            rule = "contracts/required-column-added" if required else "contracts/column-added"
            yield _of(rule, new, name, ours[name].position)
        else:
            yield from _labels(new, theirs[name], ours[name])
            pair = (before.get(name, {}), after.get(name, {}))
            yield from _column(new, ours[name], *pair)
            rules = (quality_of(pair[0]), quality_of(pair[1]))
            yield from quality_changes(new, name, *rules)


def _of(
    rule: str,
    dataset: Dataset,
    column: str,
    position: Position,
    **values: object,
) -> Changed:
    filled = {"contract": dataset.contract, "dataset": dataset.id.name, "column": column, **values}
    return Changed(CHANGES[rule], ("dataset", str(dataset.id)), filled, position)


def _stated(node: object, prefix: str = "") -> Iterator[tuple[str, _Stated]]:
    """Yield every property by its dotted name, as written."""
    stated = plain(node) if not isinstance(node, dict) else node  # type: ignore[arg-type]
    properties = stated.get("properties") if isinstance(stated, dict) else None
    for each in properties if isinstance(properties, list) else ():
        if isinstance(each, dict):
            name = f"{prefix}{each.get('physicalName') or each.get('name')}"
            yield name, each
            yield from _stated(each, f"{name}.")


def _labels(new: Dataset, old: Column, now: Column) -> Iterator[Changed]:
    before, after = _rank(old.level), _rank(now.level)
    if before != after:
        rule = "labels/level-raised" if after > before else "labels/level-lowered"
        pair = {"before": old.level or "-", "after": now.level or "-"}
        yield _of(rule, new, now.name, now.position, **pair)
    for name in sorted(set(now.categories) - set(old.categories)):
        yield _of("labels/category-added", new, now.name, now.position, after=name)
    for name in sorted(set(old.categories) - set(now.categories)):
        yield _of("labels/category-removed", new, now.name, now.position, before=name)


def _rank(level: str | None) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


def _column(new: Dataset, column: Column, before: _Stated, after: _Stated) -> Iterator[Changed]:
    old, now = before.get("logicalType"), after.get("logicalType")
    if old != now:
        pair = {"before": old or "-", "after": now or "-"}
        yield _of(_type_rule(old, now), new, column.name, column.position, **pair)
    for key in ("required", "unique"):
        was, is_ = _duty(before, key), _duty(after, key)
        if was != is_:
            rule = f"contracts/{key}-{'added' if is_ else 'removed'}"
            yield _of(rule, new, column.name, column.position)
    yield from _limits(new, column, before, after)


def _duty(stated: _Stated, key: str) -> bool:
    """Say whether a column must have a value, or a value of its own; a primary key must both."""
    alone = not isinstance(stated.get("primaryKeyPosition"), int) or key == "required"
    return stated.get(key) is True or (stated.get("primaryKey") is True and alone)


def _type_rule(old: object, now: object) -> str:
    if (old, now) in _WIDER or (old is not None and now is None):
        return "contracts/type-widened"
    if (now, old) in _WIDER or (old is None and now is not None):
        return "contracts/type-narrowed"
    return "contracts/type-changed"


def _limits(new: Dataset, column: Column, before: _Stated, after: _Stated) -> Iterator[Changed]:
    theirs, ours = (_mapping(each.get("logicalTypeOptions")) for each in (before, after))
    for name in sorted(theirs.keys() | ours.keys()):
        old, now = theirs.get(name), ours.get(name)
        if old != now:
            pair = {"before": _shown(old), "after": _shown(now), "name": name}
            rule = f"contracts/limit-{_direction(name, old, now, _UPPER, _LOWER)}"
            yield _of(rule, new, column.name, column.position, **pair)


def _direction(
    name: str, old: object, now: object, upper: tuple[str, ...], lower: tuple[str, ...]
) -> str:
    if now is None:
        return "loosened"
    if old is None:
        return "tightened"
    numbers = all(isinstance(each, int | float) and each is not True for each in (old, now))
    if not numbers or name not in (*upper, *lower):
        return "changed"
    more = now > old  # type: ignore[operator]
    return "loosened" if more is (name in upper) else "tightened"


def _mapping(value: object) -> _Stated:
    return value if isinstance(value, dict) else {}


def _shown(value: object) -> str:
    return "-" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


# --- quality rules ------------------------------------------------------------------------------


def quality_of(stated: object) -> dict[str, _Stated]:
    """Return the quality rules of an object or property as written, by name."""
    listed = _mapping(stated).get("quality")
    found: dict[str, _Stated] = {}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            words = (each.get(key) for key in ("id", "name", "metric", "rule", "type"))
            name = next((str(word) for word in words if word), "rule")
            number = sum(known.partition(" ")[0] == name for known in found)
            found[f"{name} {number + 1}" if number else name] = each
    return found


def quality_changes(
    new: Dataset,
    column: str,
    before: Mapping[str, _Stated],
    after: Mapping[str, _Stated],
) -> Iterator[Changed]:
    """Yield what has changed of the quality rules of one column, or of a dataset as a whole."""
    known = new.column(column)
    at = known.position if known else new.position
    for name in sorted(before.keys() | after.keys()):
        was, is_ = before.get(name), after.get(name)
        if was == is_:
            continue
        if was is None or is_ is None:
            rule = "contracts/quality-added" if was is None else "contracts/quality-removed"
            yield _of(rule, new, column, at, name=name)
            continue
        changed = sorted(key for key in was.keys() | is_.keys() if was.get(key) != is_.get(key))
        pair = {
            key: _shown({k: s[k] for k in changed if k in s})
            for key, s in (("before", was), ("after", is_))
        }
        yield _of(
            f"contracts/quality-{_turn(changed, was, is_)}", new, column, at, name=name, **pair
        )


def _part(rule: _Stated, keys: list[str]) -> str:
    return ", ".join(f"{key}: {_shown(rule[key])}" for key in keys if key in rule) or "-"


def _turn(changed: list[str], was: _Stated, is_: _Stated) -> str:
    """Say which way a quality rule has changed, where one threshold says so alone."""
    if len(changed) != 1 or changed[0] not in (*_AT_MOST, *_AT_LEAST):
        return "changed"
    return _direction(changed[0], was.get(changed[0]), is_.get(changed[0]), _AT_MOST, _AT_LEAST)
