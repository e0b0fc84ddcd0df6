"""YAML with positions; the only module that imports PyYAML.

Three passes keep hostile files harmless. A guard walks the event stream and refuses anchors,
aliases, tags, a second document, deep nesting and too many values (the C loader crashes on deep
nesting, and merge keys can expand without end). PyYAML then composes the nodes. Our own
constructor keeps positions and reads scalars as the author wrote them: only ``true``, ``false``,
``null``, plain decimal numbers and nothing are special; dates stay text; what YAML 1.1 would turn
into something else (``NO``, ``on``, ``012``, ``1:30``) is refused with a hint to quote it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError, HeadwaterError
from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Entry, Mapping, Node, Scalar, Sequence
from headwater.catalog.position import Position

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_VALUES = 200_000

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,3})?")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
_SURPRISES = re.compile(
    r"(?i:yes|no|on|off)"  # yes/no in YAML 1.1
    r"|(?!true$|false$)(?i:true|false)|(?!null$)(?i:null)"  # TRUE, Null: write them small
    r"|[-+]?0[0-9_]+|0[xob][0-9A-Fa-f_]+|[-+]?[0-9]+(_[0-9]+)+"  # octal, hexadecimal, 1_000
    r"|[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"  # sexagesimal
    r"|[-+]?(\.[0-9]+|[0-9]+\.)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
    r"|(?i:[-+]?\.inf|\.nan)"
)


def read_yaml(path: Path, file: str) -> Node:
    """Return the document in ``path``, every value with its position.

    Args:
        path: The file to read.
        file: Its name in positions, relative to the workspace.

    Raises:
        DocumentError: It cannot be read, is not UTF-8, or is not YAML as this module reads it.
    """
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError.of(
            "file-unreadable", Position(file), path=file, reason=reason
        ) from error
    return parse_yaml(data, file)


def parse_yaml(data: bytes, file: str) -> Node:
    """Return the document in ``data``; see :func:`read_yaml`.

    Raises:
        DocumentError: As for :func:`read_yaml`.

    Example:
        >>> document = parse_yaml(b"on_date: 2026-01-01", "a.yaml")
        >>> document.get("on_date").value, str(document.get("on_date").position)
        ('2026-01-01', 'a.yaml:1:10')
    """
    text = _decoded(data, file)
    import yaml

    try:
        _guard(text, file)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise DocumentError.of("yaml-syntax", position, reason=reason) from error
    if root is None:
        raise DocumentError.of("empty", Position(file), key=file)
    problems = Problems()
    document = _node(root, file, problems)
    problems.raise_any()
    return document


def _decoded(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise DocumentError.of("file-too-large", Position(file), limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError.of("encoding", Position(file, line)) from error
    if found := _FORBIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        shown = f"U+{ord(found[0]):04X}"
        raise DocumentError.of("character", Position(file, line, column), character=shown)
    return text


def _guard(text: str, file: str) -> None:
    """Refuse what must not reach the composer; raises at the first such thing."""
    import yaml

    depth = values = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise _at(event, file, "yaml-documents")
        _refuse_reference(event, file)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise _at(event, file, "yaml-deep", limit=MAX_DEPTH)
        if values > MAX_VALUES:
            raise _at(event, file, "yaml-large", limit=MAX_VALUES)


def _refuse_reference(event: yaml.Event, file: str) -> None:
    import yaml

    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _at(event, file, "yaml-alias")
    tag = getattr(event, "tag", None)
    if tag:
        raise _at(event, file, "yaml-tag", tag=tag)


def _at(event: yaml.Event, file: str, code: str, **values: object) -> HeadwaterError:
    mark = event.start_mark
    position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
    return DocumentError.of(code, position, **values)


def _node(node: yaml.Node, file: str, problems: Problems) -> Node:
    import yaml

    position = Position(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, position, problems)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_node(item, file, problems) for item in node.value), position)
    return _mapping(node, position, problems)


def _mapping(node: yaml.Node, position: Position, problems: Problems) -> Mapping:
    entries: dict[str, Entry] = {}
    for key, value in node.value:
        at = Position(position.file, key.start_mark.line + 1, key.start_mark.column + 1)
        name = getattr(key, "value", None)
        if not isinstance(name, str):
            problems.add("key-not-text", at)
        elif name in entries:
            problems.add("duplicate-key", at, key=name, first=entries[name].position.line)
        else:
            entries[name] = Entry(name, at, _node(value, position.file, problems))
    return Mapping(tuple(entries.values()), position)


def _scalar(node: yaml.ScalarNode, position: Position, problems: Problems) -> Scalar:
    text = node.value
    if node.style in {"'", '"', "|", ">"}:
        return Scalar(text, text, position)
    if _SURPRISES.fullmatch(text):
        problems.add("yaml-ambiguous", position, text=text)
    return Scalar(_plain(text), text, position)


def _plain(text: str) -> str | int | float | bool | None:
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
