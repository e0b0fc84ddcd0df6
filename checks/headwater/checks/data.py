"""Where a dataset's data is, and how its files are read. Nothing outside the workspace is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from headwater.catalog.text import Text
from headwater.checks.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd

    from headwater.catalog.model import Contract, Dataset, Server, Workspace
    from headwater.catalog.position import Position
    from headwater.checks.duck import Database

MAX_BYTES = 2 * 1024**3
Format = Literal["csv", "duckdb", "jsonl", "parquet"]
_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".json": "jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_SAME: dict[str, Format] = {
    "csv": "csv",
    "json": "jsonl",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
}
_SAYS_WHERE = re.compile(
    r"Expected \d+ fields in line \d+, saw \d+|EOF inside string starting at row \d+"
)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A dataset's data: the file, its name in the workspace, how it is written, who says so.

    ``table`` is what a database calls the dataset.
    """

    path: Path
    file: str
    format: Format
    delimiter: str
    position: Position
    table: tuple[str, ...] = ()

    @property
    def is_scanned(self) -> bool:
        """Whether DuckDB reads it by itself, column by column."""
        return self.format in ("parquet", "duckdb")

    @property
    def source(self) -> str:
        """What stands for the data in a query, where DuckDB reads it by itself."""
        from headwater.checks.duck import parquet, quoted

        if self.format == "parquet":
            return parquet(self.path)
        return ".".join(quoted(part) for part in self.table)

    def opened(self) -> AbstractContextManager[Database]:
        """Return a database that sees this data and nothing else.

        Raises:
            DatabaseError: On entering, where it cannot be opened.
        """
        from headwater.checks.duck import opened

        path = self.path if self.is_scanned else None
        return opened(path, as_database=self.format == "duckdb")

    def digest(self) -> str:
        """Return what identifies the data: how it is written, and the SHA-256 of its bytes."""
        parts = [self.format, self.delimiter, *self.table, _sha256(self.path)]
        log = self.path.with_name(f"{self.path.name}.wal")
        if self.format == "duckdb" and log.is_file():  # what was written and not yet put in place
            parts.append(_sha256(log))
        return "".join(parts)


def find_data(workspace: Workspace, contract: Contract, dataset: Dataset) -> DataFile | Unreadable:
    """Return where the data of ``dataset`` is, or why it cannot be read."""
    name = workspace.checks_server
    server = contract.server(name) if name else None
    if server is None:
        reason = Text(
            "the contract has no server `{server}`, which headwater.yaml names under `checks`",
            "合同没有 headwater.yaml 中 `checks` 指定的服务器 `{server}`",
        )
        return Unreadable(reason.fill({"server": name or "?"}))
    if server.type == "duckdb":
        return _database(workspace, server, dataset)
    if server.type != "local":
        reason = Text(
            "servers of type {type} are not read by this version",
            "本版本不读取类型为 {type} 的服务器",
        )
        return Unreadable(reason.fill({"type": server.type}))
    written = server.node.text("path") or ""
    file = written.replace("{model}", dataset.object).replace("{object}", dataset.object)
    kind = server.node.text("format") or _FORMATS.get(PurePosixPath(file).suffix.lower()) or "?"
    known = _SAME.get(kind.lower())
    if known is None:
        reason = Text("the format {format} is not read", "不读取格式 {format}")
        return Unreadable(reason.fill({"format": kind.lower()}))
    path = _inside(workspace.root, file)
    if isinstance(path, Unreadable):
        return path
    delimiter = server.node.text("delimiter") or ","
    return DataFile(path, file, known, delimiter, server.position)


def _database(workspace: Workspace, server: Server, dataset: Dataset) -> DataFile | Unreadable:
    """Return the table of a DuckDB file in the workspace."""
    file = server.node.text("database") or ""
    path = _inside(workspace.root, file)
    if isinstance(path, Unreadable):
        return path
    schema = server.node.text("schema")
    name = dataset.node.text("physicalName") or dataset.object
    table = (*([schema] if schema else ()), name)
    return DataFile(path, file, "duckdb", "", server.position, table)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _inside(root: Path, file: str) -> Path | Unreadable:
    """Return the path of a file below ``root``, or why it is none."""
    at = PurePosixPath(file)
    path = root / file
    if at.is_absolute() or ".." in at.parts or "\\" in file or not file:
        reason = Text("`{file}` leads outside the workspace", "`{file}` 指向工作区之外")
    elif not path.is_file():
        reason = Text("there is no file `{file}`", "文件 `{file}` 不存在")
    elif not path.resolve().is_relative_to(root.resolve()):
        reason = Text("`{file}` leads outside the workspace", "`{file}` 指向工作区之外")
    elif path.stat().st_size > MAX_BYTES:
        reason = Text("`{file}` is larger than 2 GiB", "`{file}` 超过 2 GiB")
    elif path.stat().st_size == 0:
        reason = Text("`{file}` is empty", "`{file}` 为空")
    else:
        return path
    return Unreadable(reason.fill({"file": file}))


def columns_in(data: DataFile) -> tuple[str, ...] | Unreadable:
    """Return the names of the columns that the file has; a name that stands twice is an error."""
    found = _NAMES[data.format](data)
    if isinstance(found, Unreadable):
        return found
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        reason = Text("`{file}` has several columns {names}", "`{file}` 有多个字段 {names}")
        return _unreadable(data, reason, names=[f"`{name}`" for name in twice])
    return found


def read_columns(
    data: DataFile, columns: Sequence[str], rows: int | None = None
) -> pd.DataFrame | Unreadable:
    """Return the named columns. Text of CSV stays text; only an empty field is no value.

    Of a Parquet file at most ``rows`` are read; a CSV file is judged as a whole.
    """
    if data.is_scanned:
        found = _read_scanned(data, columns, rows)
    else:
        found = _read_csv(data) if data.format == "csv" else _read_json_lines(data)
    return found if isinstance(found, Unreadable) else found[list(columns)]


def _scanned_names(data: DataFile) -> tuple[str, ...] | Unreadable:
    found = _read_scanned(data, [], rows=0)
    return found if isinstance(found, Unreadable) else tuple(map(str, found.columns))


def _read_scanned(
    data: DataFile, columns: Sequence[str], rows: int | None = None
) -> pd.DataFrame | Unreadable:
    from headwater.checks.duck import DatabaseError, quoted

    names = ", ".join(quoted(name) for name in columns) or "*"
    limit = "" if rows is None else f" LIMIT {rows:d}"
    query = f"SELECT {names} FROM {data.source}{limit}"  # noqa: S608 - both are quoted
    try:
        with data.opened() as database:
            return database.frame(query)
    except DatabaseError as error:
        return broken(data, error.cause)


def count_unlike(values: pd.Series, pattern: str) -> int | None:
    """Return how many texts do not fit an RE2 pattern as a whole; ``None``: it is no such pattern.

    RE2 takes a time that grows with the text alone, whatever the pattern.
    """
    import pandas as pd

    from headwater.checks.duck import DatabaseError, opened

    given = pd.DataFrame({"value": values.astype(str)})
    query = "SELECT count(*) FROM given WHERE NOT regexp_full_match(value, ?)"
    try:
        with opened() as database:
            database.register("given", given)
            found = database.rows(query, [pattern])
    except DatabaseError:
        return None
    return int(found[0][0])


def _csv_names(data: DataFile) -> tuple[str, ...] | Unreadable:
    """Return the first record. Pandas would make names unique; here they must be so."""
    import csv

    try:
        with data.path.open(encoding="utf-8-sig", newline="") as source:
            reader = csv.reader(source, delimiter=data.delimiter, strict=True)
            return tuple(next(reader, ()))
    except UnicodeDecodeError:
        return _not_utf8(data)
    except (csv.Error, TypeError, ValueError, OSError) as error:
        return broken(data, error)


def _read_csv(data: DataFile) -> pd.DataFrame | Unreadable:
    """Return the whole file. A record with more fields than the header is an error.

    Every column is read: where columns are left out, pandas lets longer records pass, and their
    values shift unseen.
    """
    import warnings

    import pandas as pd

    names = columns_in(data)
    if isinstance(names, Unreadable):
        return names
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                data.path,
                sep=data.delimiter,
                dtype=str,
                keep_default_na=False,
                na_values=[""],
                encoding="utf-8-sig",
                index_col=False,
                skip_blank_lines=len(names) > 1,  # of one column an empty line is an empty value
                engine="c",
            )
    except UnicodeDecodeError:
        return _not_utf8(data)
    except pd.errors.ParserWarning:
        reason = Text(
            "a record of `{file}` has more fields than its header",
            "`{file}` 有记录的字段多于表头",
        )
        return _unreadable(data, reason)
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        return broken(data, error)


def _json_names(data: DataFile) -> tuple[str, ...] | Unreadable:
    found = _read_json_lines(data)
    return found if isinstance(found, Unreadable) else tuple(map(str, found.columns))


def _read_json_lines(data: DataFile) -> pd.DataFrame | Unreadable:
    from headwater.checks.json_lines import JsonLineError, read_json_lines

    try:
        return read_json_lines(data.path)
    except JsonLineError as error:
        reason = Text(
            "line {line} of `{file}` is not one JSON object",
            "`{file}` 第 {line} 行不是单个 JSON 对象",
        )
        return _unreadable(data, reason, line=error.line)
    except OSError as error:
        return broken(data, error)


def _not_utf8(data: DataFile) -> Unreadable:
    return _unreadable(data, Text("`{file}` is not UTF-8", "`{file}` 不是 UTF-8 编码"))


def broken(data: DataFile, error: Exception) -> Unreadable:
    """Return why a file cannot be read, without what libraries quote from it."""
    found = _SAYS_WHERE.search(str(error))
    reason = Text("`{file}` cannot be read: {error}", "无法读取 `{file}`：{error}")
    return _unreadable(data, reason, error=found[0] if found else type(error).__name__)


def _unreadable(data: DataFile, reason: Text, **values: object) -> Unreadable:
    return Unreadable(reason.fill({"file": data.file, **values}))


_NAMES: dict[Format, Callable[[DataFile], tuple[str, ...] | Unreadable]] = {
    "csv": _csv_names,
    "jsonl": _json_names,
    "duckdb": _scanned_names,
    "parquet": _scanned_names,
}
