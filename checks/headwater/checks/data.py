"""Where a dataset's data is, and how its files are read. Nothing outside the workspace is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from headwater.catalog.text import Text
from headwater.checks.model import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.catalog.position import Position

MAX_BYTES = 2 * 1024**3
_FORMATS = {".csv": "csv", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class DataFile:
    """A dataset's data: the file, its name in the workspace, how it is written."""

    path: Path
    file: str
    format: Literal["csv", "parquet"]
    delimiter: str
    position: Position

    def digest(self) -> str:
        """Return the SHA-256 of the bytes, in hexadecimal."""
        with self.path.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()


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
    if server.type != "local":
        reason = Text(
            "servers of type {type} are not read by this version",
            "本版本不读取类型为 {type} 的服务器",
        )
        return Unreadable(reason.fill({"type": server.type}))
    written = server.node.text("path") or ""
    file = written.replace("{model}", dataset.object).replace("{object}", dataset.object)
    kind = server.node.text("format") or _FORMATS.get(PurePosixPath(file).suffix)
    if kind not in ("csv", "parquet"):
        reason = Text("the format {format} is not read", "不读取格式 {format}")
        return Unreadable(reason.fill({"format": kind or "?"}))
    path = _inside(workspace.root, file)
    if isinstance(path, Unreadable):
        return path
    delimiter = server.node.text("delimiter") or ","
    return DataFile(path, file, "csv" if kind == "csv" else "parquet", delimiter, server.position)


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
    """Return the names of the columns that the file has."""
    if data.format == "parquet":
        frame = _read_parquet(data, [], rows=0)
        return frame if isinstance(frame, Unreadable) else tuple(map(str, frame.columns))
    found = _read_csv(data, [], rows=0)
    return found if isinstance(found, Unreadable) else tuple(map(str, found.columns))


def read_columns(data: DataFile, columns: Sequence[str]) -> pd.DataFrame | Unreadable:
    """Return the named columns. Text of CSV stays text; only an empty field is no value."""
    if data.format == "parquet":
        return _read_parquet(data, list(columns))
    return _read_csv(data, list(columns))


def _read_parquet(
    data: DataFile, columns: list[str], rows: int | None = None
) -> pd.DataFrame | Unreadable:
    import duckdb

    names = ", ".join(_quoted(name) for name in columns) or "*"
    limit = "" if rows is None else f" LIMIT {rows:d}"
    query = f"SELECT {names} FROM read_parquet(?){limit}"  # noqa: S608 - names are quoted
    try:
        with duckdb.connect() as database:
            return database.execute(query, [_literal(data.path)]).df()
    except (duckdb.Error, OSError) as error:
        return _broken(data, error)


def _quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _literal(path: Path) -> str:
    """Return a path whose characters DuckDB does not take for a glob."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _read_csv(
    data: DataFile, columns: list[str], rows: int | None = None
) -> pd.DataFrame | Unreadable:
    import pandas as pd

    try:
        return pd.read_csv(
            data.path,
            sep=data.delimiter,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
            usecols=columns or None,
            nrows=rows,
            engine="c",
        )
    except UnicodeDecodeError:
        reason = Text("`{file}` is not UTF-8", "`{file}` 不是 UTF-8 编码")
        return Unreadable(reason.fill({"file": data.file}))
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        return _broken(data, error)


def _broken(data: DataFile, error: Exception) -> Unreadable:
    words = str(error).strip().splitlines()
    reason = Text("`{file}` cannot be read: {error}", "无法读取 `{file}`：{error}")
    first = words[0][:200] if words else type(error).__name__
    return Unreadable(reason.fill({"file": data.file, "error": first}))
