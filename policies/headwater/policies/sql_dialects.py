"""How four databases write names, placeholders, comparisons and masks.

Values never become part of a statement: they are bound. Names are quoted, and refused where a
database would cut them short. Texts are compared by their bytes, whatever collation a column has.
"""

from __future__ import annotations

from dataclasses import dataclass

from headwater.catalog.errors import InputError

DIALECTS = ("postgresql", "duckdb", "sqlite", "mysql")

# without a modifier SQLite leaves 30 February as it is
_DATE = "{0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date({0}, '+0 days') IS {0}"
_REGION_SHAPE = "[0-9]" * 6
_ANY_DAY = "{0} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
"""Databases know infinite days and years that no date in a file can have."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database's way to write what a filter needs.

    Templates have ``{}`` where an expression goes.

    Attributes:
        quote: The character around names.
        longest: How long a name may be, in bytes (of MySQL: characters).
        mark: The placeholder; ``$`` stands for numbered ones.
        text: How a column's text is compared: by its bytes.
        bound: How a bound text is compared with it.
        text_type: The type of a column that holds any text.
        amount_type: The type of a column that holds any number.
        date: How a bound text becomes a date.
        number: How a bound number is compared with a column of any type of number.
        region: Says whether a text is six digits.
        is_text: Says whether a value is a text that facts may have.
        is_date: Says whether a value is a date.
        matches: Says whether a whole text matches a pattern as RE2 does; ``None``: it cannot.
        hashed: The SHA-256 of a value in hexadecimal digits; ``None``: it cannot.
        year: The first day of a date's year.
    """

    name: str
    quote: str
    longest: int
    mark: str
    text: str
    bound: str
    text_type: str
    amount_type: str
    date: str
    number: str
    region: str
    is_text: str
    is_date: str
    matches: str | None
    hashed: str | None
    year: str

    def identifier(self, *parts: str) -> str:
        """Return a name, each part of it quoted.

        Raises:
            InputError: A part is empty, too long, or holds what no name may.
        """
        return ".".join(self._quoted(part) for part in parts)

    def _quoted(self, part: str) -> str:
        size = len(part) if self.name == "mysql" else len(part.encode(errors="replace"))
        # drivers that mark parameters with %s read every per cent sign
        forbidden = "\0%" if self.mark == "%s" else "\0"
        if not part or set(forbidden) & set(part) or size > self.longest or not _encodes(part):
            raise InputError.of("filter-name", name=part[:80], dialect=self.name)
        return f"{self.quote}{part.replace(self.quote, self.quote * 2)}{self.quote}"

    def placeholder(self, number: int) -> str:
        """Return the mark of the ``number``-th parameter, from 1."""
        return f"${number}" if self.mark == "$" else self.mark


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_LONG = "4096"

SQL: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            name="postgresql",
            quote='"',
            longest=63,
            mark="$",
            text='(CAST({} AS text) COLLATE "C")',
            bound="{}",
            text_type="text",
            amount_type="DOUBLE PRECISION",
            date="CAST(CAST({} AS text) AS date)",
            number="CAST({} AS double precision)",
            region="(CAST({} AS text) COLLATE \"C\") ~ '^[0-9]{{6}}$'",
            is_text=f"char_length({{}}) BETWEEN 1 AND {_LONG}",
            is_date=_ANY_DAY,
            matches=None,
            hashed="encode(sha256(convert_to(CAST({} AS text), 'UTF8')), 'hex')",
            year="CAST(date_trunc('year', {}) AS date)",
        ),
        Dialect(
            name="duckdb",
            quote='"',
            longest=1024,
            mark="?",
            text="encode(CAST({} AS VARCHAR))",
            bound="encode(CAST({} AS VARCHAR))",
            text_type="VARCHAR",
            amount_type="DOUBLE",
            date="CAST({} AS DATE)",
            number="{}",
            region="regexp_full_match(CAST({} AS VARCHAR), '[0-9]{{6}}')",
            is_text=f"length(CAST({{}} AS VARCHAR)) BETWEEN 1 AND {_LONG}",
            is_date=_ANY_DAY,
            matches="regexp_matches(CAST({} AS VARCHAR), {})",
            hashed="sha256(CAST({} AS VARCHAR))",
            year="CAST(date_trunc('year', {}) AS DATE)",
        ),
        Dialect(
            name="sqlite",
            quote='"',
            longest=1024,
            mark="?",
            text="({} COLLATE BINARY)",
            bound="{}",
            text_type="TEXT",
            amount_type="REAL",
            date="{}",
            number="{}",
            region=f"typeof({{0}}) = 'text' AND {{0}} GLOB '{_REGION_SHAPE}'",
            is_text=f"typeof({{0}}) = 'text' AND length({{0}}) BETWEEN 1 AND {_LONG}",
            is_date=f"typeof({{0}}) = 'text' AND {_DATE}",
            matches=None,
            hashed=None,
            year="strftime('%Y-01-01', {})",
        ),
        Dialect(
            name="mysql",
            quote="`",
            longest=64,
            mark="%s",
            text="CAST(CONVERT({} USING utf8mb4) AS BINARY)",
            bound="CAST(CONVERT({} USING utf8mb4) AS BINARY)",
            text_type="VARCHAR(4096) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            amount_type="DOUBLE",
            date="CAST({} AS DATE)",
            number="{}",
            region="CAST({0} AS CHAR) REGEXP '^[0-9]{{6}}$' AND CHAR_LENGTH({0}) = 6",
            is_text=f"CHAR_LENGTH({{}}) BETWEEN 1 AND {_LONG}",
            # it may be set to hold 2026-00-00 and 30 February
            is_date=f"{_ANY_DAY} AND DAYOFMONTH({{0}}) BETWEEN 1 AND DAYOFMONTH(LAST_DAY({{0}}))",
            matches=None,
            hashed="SHA2(CONVERT({} USING utf8mb4), 256)",
            year="MAKEDATE(YEAR({}), 1)",
        ),
    )
}

_DATES = frozenset({"date", "timestamp"})
_NUMBERS = frozenset({"number", "integer"})


def masked(dialect: Dialect, column: str, kind: str | None, how: str) -> str:
    """Return the expression that masks ``column``; ``NULL`` where the database has no such mask.

    Args:
        dialect: The database.
        column: The column, quoted.
        kind: Its logical type, as its contract says it.
        how: ``redact``, ``hash`` or ``generalise``.
    """
    if how == "hash" and dialect.hashed:
        return dialect.hashed.format(column)
    if how == "generalise":
        return _generalised(dialect, column, kind)
    return "NULL"


def _generalised(dialect: Dialect, column: str, kind: str | None) -> str:
    """Return a date's year, a number's tens, a text's first character."""
    if kind in _DATES:
        return dialect.year.format(column)
    if kind in _NUMBERS:
        # a per cent sign would be read by drivers that mark parameters with %s
        rest = f"MOD({column}, 10)" if dialect.name == "mysql" else f"{column} % 10"
        return f"({column} - {rest})" if kind == "integer" else "NULL"
    if kind == "string":
        first = f"substr(CAST({column} AS {'CHAR' if dialect.name == 'mysql' else 'text'}), 1, 1)"
        return f"concat({first}, '**')" if dialect.name == "mysql" else f"({first} || '**')"
    return "NULL"
