"""Which dataset a contract's object is: OpenLineage's naming rules over its first server.

Source: OpenLineage, *Naming conventions* (website/docs/spec/naming.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.ids import DatasetId
from headwater.catalog.nodes import Mapping, Node, Scalar, Sequence
from headwater.catalog.problems import closest
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Server

# Server type → (namespace, name); each word in braces is a field of the server, `table` the
# object's physical name.
_RULES: dict[str, tuple[str, str]] = {
    "postgres": ("postgres://{host}:{port}", "{database}.{schema}.{table}"),
    "postgresql": ("postgres://{host}:{port}", "{database}.{schema}.{table}"),
    "mysql": ("mysql://{host}:{port}", "{database}.{table}"),
    "sqlserver": ("mssql://{host}:{port}", "{database}.{schema}.{table}"),
    "oracle": ("oracle://{host}:{port}", "{serviceName}.{schema}.{table}"),
    "redshift": ("redshift://{host}:{port}", "{database}.{schema}.{table}"),
    "trino": ("trino://{host}:{port}", "{catalog}.{schema}.{table}"),
    "presto": ("trino://{host}:{port}", "{catalog}.{schema}.{table}"),
    "hive": ("hive://{host}:{port}", "{database}.{table}"),
    "clickhouse": ("clickhouse://{host}:{port}", "{database}.{table}"),
    "snowflake": ("snowflake://{account}", "{database}.{schema}.{table}"),
    "bigquery": ("bigquery", "{project}.{dataset}.{table}"),
    "kafka": ("kafka://{host}", "{table}"),
    "local": ("file", "{path}"),
}
_LOCATION = re.compile(r"(?P<namespace>[a-z][a-z0-9+.-]*://[^/]+)/(?P<name>.+)")
_FIELD = re.compile(r"\{(\w+)\}")


def dataset_id(servers: tuple[Server, ...], node: Mapping, problems: Problems) -> DatasetId | None:
    """Return the identity of the object ``node``, or ``None`` after a problem.

    A custom property ``dataset: {namespace, name}`` on the object overrides the naming rules.
    """
    override = _override(node)
    if override is not None:
        return override
    reason = Text("the contract has no server", "合同没有服务器")
    if servers:
        named = _named(servers[0], _table(node))
        if isinstance(named, DatasetId):
            return named
        reason = named
    problems.add("no-dataset-name", node.position, object=_table(node), reason=reason)
    return None


def _table(node: Mapping) -> str:
    return node.text("physicalName") or node.text("name") or ""


def _named(server: Server, table: str) -> DatasetId | Text:
    """Return the identity, or in words what is missing."""
    location = server.node.text("location")
    if location and (match := _LOCATION.fullmatch(location)):
        return DatasetId(match["namespace"], _filled_model(match["name"], table))
    rule = _RULES.get(server.type)
    if rule is None:
        near = closest(server.type, _RULES)
        if near:
            text = Text(
                "there is no server type {type}, did you mean {near}?",
                "没有服务器类型 {type}，是否应为 {near}？",
            )
        else:
            text = Text(
                "there is no naming rule for servers of type {type}",
                "没有 {type} 类型服务器的命名规则",
            )
        return text.fill({"type": server.type or None, "near": near})
    words = {"table": table, **_fields(server.node)}
    needed = set(_FIELD.findall(rule[0] + rule[1]))
    if missing := sorted(needed - words.keys()):
        text = Text("the server {server} lacks {missing}", "服务器 {server} 缺少 {missing}")
        return text.fill({"server": server.name or None, "missing": missing})
    namespace, name = (_FIELD.sub(lambda m: words[m[1]], template) for template in rule)
    return DatasetId(namespace, _filled_model(name, table))


def _filled_model(name: str, table: str) -> str:
    return name.replace("{model}", table).replace("{object}", table)


def _fields(node: Mapping) -> dict[str, str]:
    return {
        entry.key: entry.value.text
        for entry in node
        if isinstance(entry.value, Scalar) and entry.value.value is not None
    }


def _override(node: Mapping) -> DatasetId | None:
    for item in _items(node.get("customProperties")):
        value = item.get("value")
        if item.text("property") == "dataset" and isinstance(value, Mapping):
            namespace, name = value.text("namespace"), value.text("name")
            if namespace and name:
                return DatasetId(namespace, name)
    return None


def _items(node: Node | None) -> tuple[Mapping, ...]:
    if not isinstance(node, Sequence):
        return ()
    return tuple(item for item in node if isinstance(item, Mapping))
