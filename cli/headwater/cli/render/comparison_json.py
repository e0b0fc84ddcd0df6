"""Comparisons of policies, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.cli.render.document import text_document
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.policy_diff import Comparison, FlowChange
    from headwater.catalog.ids import DatasetId
    from headwater.policies import Decision
    from headwater.policies.comparison import Aspect, RuleEdit
    from headwater.policies.differences import Difference

TURNS = ("newly-allowed", "newly-refused", "changed-obligations", "changed-warnings")
EDITS = ("added", "removed", "changed", "reworded")


def comparison_json(found: Comparison) -> str:
    """Return ``headwater/policy-diff/1``."""
    elsewhere = found.elsewhere.found if found.elsewhere else ()
    return json_text(
        {
            "schema": "headwater/policy-diff/1",
            "as_of": found.as_of.isoformat(),
            "complete": found.complete,
            "old": {"policy_revision": found.old},
            "new": {"policy_revision": found.new},
            "counts": counts(found),
            "rules": [_edit(each) for each in found.edits],
            "rego": {
                "modules": [{"file": file, "edit": edit.value} for file, edit in found.rego],
                "elsewhere_unread": found.elsewhere is None,
            },
            "flows": [_flow(each) for each in found.flows],
            "elsewhere": [_difference(each) for each in elsewhere],
        }
    )


def counts(found: Comparison) -> dict[str, object]:
    """Return how many rules, questions and further differences there are."""
    edits = Counter(each.edit.value for each in found.edits)
    recorded = {turn.value: count for turn, count in found.replayed.counts.items()}
    elsewhere = found.elsewhere.found if found.elsewhere else ()
    further = Counter(each.change.turn.value for each in elsewhere)
    return {
        "rules": {edit: edits[edit] for edit in EDITS},
        "questions": found.replayed.questions,
        "recorded": {turn: recorded.get(turn, 0) for turn in TURNS},
        "elsewhere": {turn: further[turn] for turn in TURNS},
    }


def _edit(found: RuleEdit) -> dict[str, object]:
    return {
        "rule": found.id,
        "edit": found.edit.value,
        "location": found.rule.position.document(),
        "aspects": [
            {"name": each.name, "old": _aspect(each, each.old), "new": _aspect(each, each.new)}
            for each in found.aspects
        ],
    }


def _aspect(found: Aspect, value: object) -> object:
    if found.name == "obligations" and isinstance(value, list):
        return [json.loads(str(each)) for each in value]
    return _value(value)


def _value(value: object) -> object:
    if isinstance(value, Text):
        return text_document(value)
    return [_value(each) for each in value] if isinstance(value, list) else value


def _flow(found: FlowChange) -> dict[str, object]:
    return {
        "turn": found.turn.value,
        "rules": list(found.rules),
        "provider": found.provider,
        "consumer": found.consumer,
        "from": _dataset(found.source),
        "to": _dataset(found.target),
        "columns": list(found.columns),
        "purposes": list(found.purposes),
        "questions": found.questions,
        "old": _decision(found.change.old),
        "new": _decision(found.change.new),
    }


def _dataset(found: DatasetId) -> dict[str, str]:
    return {"namespace": found.namespace, "name": found.name}


def _difference(found: Difference) -> dict[str, object]:
    return {
        "turn": found.change.turn.value,
        "rules": list(found.change.rules()),
        "witness": {"facts": dict(found.document), "as_of": found.as_of.isoformat()},
        "old": _decision(found.change.old),
        "new": _decision(found.change.new),
    }


def _decision(found: Decision) -> dict[str, object]:
    return {
        "allow": found.allow,
        "rules": list(found.rules),
        "unknown": list(found.unknown),
        "warnings": list(found.warnings),
        "obligations": [dict(each) for each in found.obligations],
    }
