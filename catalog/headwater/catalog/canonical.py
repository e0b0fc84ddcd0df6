"""JSON in its canonical form (RFC 8785): the same meaning gives the same bytes.

Only what YAML files hold goes in: texts, numbers, yes/no, nothing, lists and mappings. Whole
numbers that a double cannot hold keep all their digits, so that two of them never look alike.
"""

from __future__ import annotations

import json
from decimal import Decimal

_LEAST, _MOST = 1e-6, 1e21


def canonical_json(value: object) -> bytes:
    """Return ``value`` as canonical JSON.

    Example:
        >>> canonical_json({"b": [1, 2.50, True, None], "a": "é"}).decode()
        '{"a":"é","b":[1,2.5,true,null]}'
    """
    return _written(value).encode()


def _written(value: object) -> str:
    match value:
        case bool() | None | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return str(value)
        case float():
            return _number(value)
        case list() | tuple():
            return f"[{','.join(_written(item) for item in value)}]"
        case dict():
            keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return f"{{{','.join(f'{_written(key)}:{_written(value[key])}' for key in keys)}}}"
    raise TypeError(f"no canonical JSON of {type(value).__name__}")


def _number(value: float) -> str:
    """Return a number as ECMAScript writes it: the fewest digits that tell it from all others."""
    if value == 0:
        return "0"
    if _LEAST <= abs(value) < _MOST:
        text = f"{Decimal(repr(value)):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits, _, exponent = repr(value).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"
