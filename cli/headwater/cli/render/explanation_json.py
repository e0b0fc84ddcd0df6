"""``headwater/explanation/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.cli.render.document import text_document
from headwater.cli.render.json_text import json_text
from headwater.cli.render.nearest import absence_text, change_text, nearest_text

if TYPE_CHECKING:
    from headwater.app.policy_explain import Cause, Explained, Explanation, Unmet
    from headwater.app.questions import Question
    from headwater.policies import Vocabulary
    from headwater.policies.nearest import Search


def explanation_json(told: Explanation) -> str:
    """Return the explanations as JSON; it carries both languages."""
    return json_text(
        {
            "schema": "headwater/explanation/1",
            "as_of": told.as_of.isoformat(),
            "engine": {
                "name": told.engine.name,
                "version": told.engine.version,
                "policy_revision": told.engine.policy_revision,
            },
            "own_rego": told.own_rego,
            "explanations": [_document(answer, told.vocabulary) for answer in told.answers],
        }
    )


def _document(answer: Explained, vocabulary: Vocabulary) -> dict[str, object]:
    return {
        "flow": _flow(answer.question),
        **answer.decision.document(),
        "causes": [_cause(cause) for cause in answer.causes],
        "unmet": [_unmet(unmet) for unmet in answer.unmet],
        "nearest": _nearest(answer.search, vocabulary),
    }


def _flow(question: Question | None) -> dict[str, object] | None:
    if question is None:
        return None
    flow = question.flow
    return {
        "provider": flow.provider,
        "consumer": flow.consumer,
        "from": flow.source.document(),
        "to": flow.target.document(),
        "column": flow.column,
        "purpose": question.purpose,
    }


def _cause(cause: Cause) -> dict[str, object]:
    policy, told = cause.policy, cause.answers
    return {
        **cause.reason.document(),
        "policy": policy.id if policy else None,
        "title": text_document(policy.title) if policy else None,
        "owner": policy.owner if policy else None,
        "mode": policy.mode.value if policy else None,
        "true": [said.document() for said in told.true] if told else [],
        "open": [said.document() for said in told.unknown] if told else [],
    }


def _unmet(unmet: Unmet) -> dict[str, object]:
    return {
        "rule": unmet.rule,
        "in_force": unmet.in_force,
        "false": [said.document() for said in unmet.answers.false],
        "open": [said.document() for said in unmet.answers.unknown],
    }


def _nearest(search: Search | None, vocabulary: Vocabulary) -> dict[str, object] | None:
    if search is None:
        return None
    nearest = search.nearest
    if nearest is None:
        text = text_document(absence_text(search))
        return {"found": False, "complete": search.complete, "text": text}
    return {
        "found": True,
        "complete": search.complete,
        "rules": list(nearest.rules),
        "changes": [
            change.document() | {"text": text_document(change_text(change, vocabulary))}
            for change in nearest.changes
        ],
        "assumed": list(nearest.assumed),
        "facts": nearest.document,
        "proof": nearest.decision.document(),
        "text": text_document(nearest_text(nearest, vocabulary)),
    }
