"""SQL text: bytes to statements that know where they stand, by sqlglot; nothing is executed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.catalog.errors import DocumentError
from headwater.catalog.position import Position

if TYPE_CHECKING:
    from sqlglot import exp

MAX_SQL = 2**20
MAX_DEPTH = 100
"""Deeper nesting than this is refused before anything recurses into it."""
MAX_TOKENS = 200_000
MAX_NAME = 2000


class WrongSqlError(Exception):
    """One problem of one statement; ``node`` is what it is about."""

    def __init__(self, code: str, node: exp.Expr | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.node = node
        self.values = values


@dataclass(frozen=True, slots=True)
class SqlText:
    """A file of SQL, decoded."""

    file: str
    text: str

    def at(self, offset: int) -> Position:
        """Return the position of a character."""
        line = self.text.count("\n", 0, offset) + 1
        return Position(self.file, line, offset - self.text.rfind("\n", 0, offset))

    def place(self, node: exp.Expr | None) -> Position:
        """Return where ``node`` begins: at the first name in it, else at that around it."""
        while node is not None:
            starts = [
                found.meta["start"]
                for found in node.walk()
                if isinstance(found.meta.get("start"), int)
            ]
            if starts:
                return self.at(min(starts))
            node = node.parent
        return Position(self.file)


def dialect_of(name: str) -> Any:
    """Return sqlglot's dialect ``name``.

    Raises:
        DocumentError: There is none of that name.
    """
    from sqlglot.dialects.dialect import Dialect

    from headwater.catalog.problems import closest

    known = sorted(found for found in Dialect.classes if found)
    if name not in known:
        near = closest(name, known)
        raise DocumentError.of("sql-dialect", name=name, known=known, suggestion=near)
    return Dialect.get_or_raise(name)


def decode(data: bytes, file: str) -> SqlText:
    """Return the text of a file of SQL.

    Raises:
        DocumentError: It is too large, or not UTF-8.
    """
    if len(data) > MAX_SQL:
        raise DocumentError.of("file-too-large", Position(file), limit=MAX_SQL)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = Position(file, data.count(b"\n", 0, error.start) + 1)
        raise DocumentError.of("encoding", at) from error
    return SqlText(file, text)


def statements(source: SqlText, dialect: Any) -> list[exp.Expr]:
    """Return the statements of ``source``, empty ones left out.

    Raises:
        DocumentError: It is no SQL of this dialect, or larger or deeper than anybody writes.
    """
    from sqlglot.errors import ErrorLevel, ParseError, TokenError

    # sqlglot logs what it does not understand; we refuse it, with its place, instead.
    logging.getLogger("sqlglot").addHandler(logging.NullHandler())
    try:
        tokens = dialect.tokenize(source.text)
        _check_tokens(source, tokens)
        parser = dialect.parser(error_level=ErrorLevel.IMMEDIATE)
        return [found for found in parser.parse(tokens, source.text) if found is not None]
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        at = Position(source.file, found.get("line") or 1, _column(found))
        reason = str(found.get("description") or error)
        raise DocumentError.of("sql-syntax", at, reason=_short(reason)) from error
    except TokenError as error:
        at = Position(source.file)
        raise DocumentError.of("sql-syntax", at, reason=_short(str(error))) from error
    except RecursionError as error:
        raise DocumentError.of("sql-deep", Position(source.file), limit=MAX_DEPTH) from error
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        # The parser trips over some broken texts instead of refusing them.
        at, reason = Position(source.file), type(error).__name__
        raise DocumentError.of("sql-syntax", at, reason=reason) from error


def _column(found: dict[str, Any]) -> int:
    width = len(str(found.get("highlight") or "x"))
    return max(1, int(found.get("col") or 1) - width + 1)


def _short(reason: str) -> str:
    first = reason.split("<Token", 1)[0].split("\n", 1)[0].strip().rstrip(".")
    return first[:1].lower() + first[1:200]


def _check_tokens(source: SqlText, tokens: list[Any]) -> None:
    if len(tokens) > MAX_TOKENS:
        raise DocumentError.of("sql-large", Position(source.file), limit=MAX_TOKENS)
    depth = 0
    for token in tokens:
        # What stands in quotes is no bracket, whatever it looks like.
        text = source.text[token.start : token.start + 2]
        text = text if text in _TEMPLATE else text[:1]
        if text in _TEMPLATE:
            raise DocumentError.of("sql-template", source.at(token.start))
        depth += (text in _OPENS) - (text in _CLOSES)
        if depth > MAX_DEPTH:
            raise DocumentError.of("sql-deep", source.at(token.start), limit=MAX_DEPTH)


_TEMPLATE = frozenset(("{%", "{{"))
_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")


def table_parts(text: str, dialect_name: str) -> tuple[str, ...] | None:
    """Return the parts of a table's whole name as SQL writes it; ``None`` if it is none."""
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    dialect = dialect_of(dialect_name)
    if len(text) > MAX_NAME:
        return None
    try:
        table = exp.to_table(text, dialect=dialect)
    except (SqlglotError, ValueError, RecursionError):
        return None
    # What sqlglot cannot parse it takes for one quoted name.
    if not isinstance(table, exp.Table) or (table.name == text and table.this.args.get("quoted")):
        return None
    parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
    said = {key for key, value in table.args.items() if value}
    if len(parts) != len(table.parts) or not said <= {"this", "db", "catalog"}:
        return None
    return tuple(kept_name(part, dialect.normalization_strategy.value) for part in parts)


def kept_name(part: exp.Expr, strategy: str) -> str:
    """Return a name as the engine keeps it: unquoted ones change case where the dialect says so."""
    quoted = bool(part.args.get("quoted"))
    if quoted or strategy not in ("LOWERCASE", "UPPERCASE"):
        return part.name
    return part.name.lower() if strategy == "LOWERCASE" else part.name.upper()
