"""Answers as pictures: Mermaid, DOT and GraphML. Names are hostile: each format has its escape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from headwater.catalog.text import Text
from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from headwater.catalog.text import Language
    from headwater.cli.render.view import Picture, View

_CUT = Text("not complete: {limits}", "不完整：{limits}")


def _picture(view: View) -> Picture:
    found = view.picture()
    if found is None:
        raise AssertionError("the command offers no picture of this answer")
    return found


def _seal(view: View) -> str:
    """Return in one line what every answer carries."""
    found = view.document()
    log = found["log"]
    sequence = log["sequence"] if isinstance(log, dict) else 0
    words = [
        f"schema={found['schema']}",
        f"complete={'true' if found['complete'] else 'false'}",
        f"as_of={found['as_of'] or 'everything recorded'}",
        f"log_sequence={sequence}",
        f"digest={found['digest']}",
    ]
    return "; ".join(words)


def _limits(view: View, language: Language) -> str | None:
    found = view.document()
    if found["complete"]:
        return None
    return _CUT.fill({"limits": found["limits"]}).in_(language)


# --- Mermaid ------------------------------------------------------------------------------------

_PLAIN = re.compile(r"[^\w ./:,=+*@-]")


def mermaid_label(name: str) -> str:
    """Return a name as a Mermaid label: all but letters, digits and harmless signs by number.

    Directives (``%%{…}%%``) are looked for everywhere in the text, labels included.

    Example:
        >>> mermaid_label('a"b')
        '"a#34;b"'
    """
    return '"' + _PLAIN.sub(lambda match: f"#{ord(match[0])};", visible(name)) + '"'


def mermaid(view: View, language: Language) -> str:
    """Return a Mermaid flowchart, departments as boxes; a cut answer has a node that says so."""
    picture = _picture(view)
    numbers = {place.key: f"n{number}" for number, place in enumerate(picture.places)}
    lines = ["flowchart LR", f"  %% {_seal(view)}"]
    groups: dict[str | None, list[str]] = {}
    for place in picture.places:
        ends = ("[[", "]]") if place.marked else ("[", "]")
        text = f"{numbers[place.key]}{ends[0]}{mermaid_label(place.label)}{ends[1]}"
        groups.setdefault(place.group, []).append(text)
    for number, (group, texts) in enumerate(
        sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))
    ):
        if group is None:
            lines += [f"  {text}" for text in texts]
        else:
            lines.append(f"  subgraph g{number}[{mermaid_label(group)}]")
            lines += [f"    {text}" for text in texts]
            lines.append("  end")
    for arrow in picture.arrows:
        line = "-.->" if arrow.weak else "-->"
        label = f"|{mermaid_label(arrow.label)}|" if arrow.label else ""
        lines.append(f"  {numbers[arrow.source]} {line}{label} {numbers[arrow.target]}")
    cut = _limits(view, language)
    return "\n".join([*lines, *([f"  cut{{{{{mermaid_label(cut)}}}}}"] if cut else [])])


# --- DOT ----------------------------------------------------------------------------------------


_FONT = 'fontname="Helvetica,Noto Sans CJK SC,sans-serif"'
_LOOK = (
    f"  rankdir=LR; ranksep=0.9; nodesep=0.18; graph [{_FONT}];",
    '  node [shape=box style="rounded,filled" fillcolor="#eef1ff" color="#6272b0" height=0.3'
    f" fontsize=11 {_FONT}];",
    f'  edge [color="#666666" arrowsize=0.7 fontsize=9 {_FONT}];',
)
_BOX = 'labelloc=t; fontsize=11; style=rounded; color="#999999"; bgcolor="#fffdf2";'


def dot_text(name: str) -> str:
    r"""Return a name as a quoted DOT string: no escape of Graphviz's, no entity, no end.

    Example:
        >>> dot_text('a"b')
        '"a\\"b"'
    """
    text = visible(name).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def dot(view: View, language: Language) -> str:
    """Return a DOT digraph, departments as clusters; a cut answer says so under the picture."""
    picture = _picture(view)
    numbers = {place.key: f"n{number}" for number, place in enumerate(picture.places)}
    lines = ["digraph lineage {", f"  // {_seal(view)}", *_LOOK]
    cut = _limits(view, language)
    if cut:
        lines.append(f"  label={dot_text(cut)}; labelloc=b; fontsize=11;")
    groups: dict[str | None, list[str]] = {}
    for place in picture.places:
        look = " peripheries=2" if place.marked else ""
        text = f"{numbers[place.key]} [label={dot_text(place.label)}{look}];"
        groups.setdefault(place.group, []).append(text)
    for number, (group, texts) in enumerate(
        sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))
    ):
        if group is None:
            lines += [f"  {text}" for text in texts]
        else:
            lines.append(f"  subgraph cluster_{number} {{ label={dot_text(group)}; {_BOX}")
            lines += [f"    {text}" for text in texts]
            lines.append("  }")
    for arrow in picture.arrows:
        look = " style=dashed" if arrow.weak else ""
        label = dot_text(arrow.label)
        ends = f"{numbers[arrow.source]} -> {numbers[arrow.target]}"
        lines.append(f"  {ends} [label={label}{look}];")
    return "\n".join([*lines, "}"])


# --- GraphML ------------------------------------------------------------------------------------

_KEYS = (
    ("graph", "complete", "boolean"),
    ("graph", "limits", "string"),
    ("graph", "seal", "string"),
    ("node", "label", "string"),
    ("node", "name", "string"),
    ("node", "department", "string"),
    ("node", "marked", "boolean"),
    ("edge", "jobs", "string"),
    ("edge", "implied", "boolean"),
)
_NO_XML = re.compile("[\ufffe\uffff]")


def xml_text(name: str) -> str:
    """Return a name as XML text, without what XML cannot hold."""
    return escape(_NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(name)))


def graphml(view: View, language: Language) -> str:
    """Return GraphML 1.0; the graph's own data say whether it is complete."""
    picture = _picture(view)
    head = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head]
    for owner, name, kind in _KEYS:
        attributes = f'for="{owner}" attr.name="{name}" attr.type="{kind}"'
        lines.append(f'  <key id="{owner}_{name}" {attributes}/>')
    lines.append('  <graph id="lineage" edgedefault="directed">')
    cut = _limits(view, language)
    lines += _data("graph", {"complete": cut is None, "limits": cut or "", "seal": _seal(view)})
    for place in picture.places:
        lines.append(f"    <node id={quoteattr(place.key)}>")
        about: dict[str, str | bool] = {
            "label": place.label,
            "name": place.name,
            "department": place.group or "",
            "marked": place.marked,
        }
        lines += [*_data("node", about), "    </node>"]
    for arrow in picture.arrows:
        ends = f"source={quoteattr(arrow.source)} target={quoteattr(arrow.target)}"
        lines.append(f"    <edge {ends}>")
        lines += [*_data("edge", {"jobs": arrow.label, "implied": arrow.weak}), "    </edge>"]
    return "\n".join([*lines, "  </graph>", "</graphml>"])


def _data(owner: str, values: dict[str, str | bool]) -> list[str]:
    return [
        f'      <data key="{owner}_{name}">'
        f"{('true' if value else 'false') if isinstance(value, bool) else xml_text(value)}</data>"
        for name, value in values.items()
    ]
