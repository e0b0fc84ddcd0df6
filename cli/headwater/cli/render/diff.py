"""What changes from one state of a workspace to another, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.change_rules import PERSPECTIVES
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.document import text_document
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.workspace_diff import FlowTurn, WorkspaceDiff
    from headwater.catalog.change_rules import Changed
    from headwater.catalog.text import Language

BREAKS = {
    "consumer": Text("breaks who reads it", "影响使用方"),
    "producer": Text("breaks who writes it", "影响提供方"),
}
TURNS = {
    "newly-refused": Text("newly refused", "新增拒绝"),
    "newly-allowed": Text("newly allowed", "新增允许"),
}
FLOW = Text(
    "{provider}: {source} -> {consumer}: {target}; {columns}; for {purposes}; {rules}",
    "{provider}：{source} -> {consumer}：{target}；{columns}；用途 {purposes}；{rules}",
)
WHOLE = Text("the whole dataset", "整个数据集")
UNKNOWN = Text("an unknown purpose", "未知")
IMPLIED = Text(" (only implied)", "（仅为推断）")
TOTAL = Text(
    "changes {changes}: breaking {breaking}; flows newly refused {refused}, newly allowed "
    "{allowed}; questions asked of both {asked}, as of {as_of}",
    "改动 {changes}：破坏性 {breaking}；新增拒绝的流动 {refused}，新增允许 {allowed}；"
    "双方各判定 {asked} 问，截至 {as_of}",
)


def message(change: Changed) -> Text:
    """Return what a change says, its names in backticks."""
    return change.rule.text.fill({name: _named(value) for name, value in change.values.items()})


def _named(value: object) -> object:
    if isinstance(value, list):
        return [f"`{each}`" for each in value]
    return f"`{value}`" if value != "" else ""


def flow_text(flow: FlowTurn) -> Text:
    """Return a flow in one line."""
    values = {
        "provider": flow.provider,
        "source": flow.source.name,
        "consumer": flow.consumer,
        "target": flow.target.name,
        "columns": list(flow.columns) or WHOLE,
        "purposes": list(flow.purposes) or UNKNOWN,
        "rules": [f"`{rule}`" for rule in flow.rules],
    }
    said = FLOW.fill(values)
    return Text(said.en + IMPLIED.en, said.zh + IMPLIED.zh) if flow.implied else said


def total(found: WorkspaceDiff) -> Text:
    """Return what it comes to, in one line."""
    return TOTAL.fill(
        {
            "changes": len(found.changes),
            "breaking": len(found.breaking()),
            "refused": len(found.turned("newly-refused")),
            "allowed": len(found.turned("newly-allowed")),
            "asked": found.asked,
            "as_of": found.as_of,
        }
    )


def diff_text(found: WorkspaceDiff, language: Language) -> str:
    """Return a line for each change and flow, what breaks first, and the total."""
    lines = [
        *(line for change in found.changes for line in _change(change, language)),
        *(_flow(flow, language) for flow in found.flows),
        total(found).in_(language),
    ]
    return "\n".join(map(visible, lines))


def _change(change: Changed, language: Language) -> Iterator[str]:
    broken = [BREAKS[each].in_(language) for each in change.rule.breaks]
    comma = "，" if language == "zh" else ", "
    marks = f" [{comma.join(broken)}]" if broken else ""
    side = "BASE:" if change.before else ""
    yield f"{side}{change.position}: {change.rule.id}{marks}"
    yield f"  {message(change).in_(language)}"


def _flow(flow: FlowTurn, language: Language) -> str:
    colon = "：" if language == "zh" else ": "
    return f"{TURNS[flow.turn].in_(language)}{colon}{flow_text(flow).in_(language)}"


def diff_json(found: WorkspaceDiff) -> str:
    """Return ``headwater/diff/1``."""
    base, head = found.policy_revisions
    return json_text(
        {
            "schema": "headwater/diff/1",
            "as_of": found.as_of.isoformat(),
            "complete": True,
            "base": {"policy_revision": base},
            "head": {"policy_revision": head},
            "counts": {
                "changes": len(found.changes),
                "breaking": {
                    each: sum(each in change.rule.breaks for change in found.changes)
                    for each in PERSPECTIVES
                },
                "newly-refused": len(found.turned("newly-refused")),
                "newly-allowed": len(found.turned("newly-allowed")),
                "questions": found.asked,
            },
            "changes": [_change_document(each) for each in found.changes],
            "flows": [_flow_document(each) for each in found.flows],
        }
    )


def _change_document(change: Changed) -> dict[str, object]:
    kind, name = change.subject
    return {
        "rule": change.rule.id,
        "breaks": list(change.rule.breaks),
        "subject": {"kind": kind, "name": name},
        "message": text_document(message(change)),
        "values": dict(change.values),
        "location": {**change.position.document(), "side": "base" if change.before else "head"},
    }


def _flow_document(flow: FlowTurn) -> dict[str, object]:
    return {
        "turn": flow.turn,
        "rules": list(flow.rules),
        "provider": flow.provider,
        "consumer": flow.consumer,
        "from": flow.source.document(),
        "to": flow.target.document(),
        "columns": list(flow.columns),
        "purposes": list(flow.purposes),
        "implied": flow.implied,
    }
