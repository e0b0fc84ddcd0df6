"""The small workspace of the acceptance run, decided natively and by a real OPA."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.workspace import load_workspace
from headwater.policies import Vocabulary, load_policies, normalise, open_engine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["native", pytest.param("opa", marks=pytest.mark.opa)])
def test_its_questions_are_answered_as_expected(
    kind: str, mini: Path, request: pytest.FixtureRequest
) -> None:
    problems = Problems()
    workspace = load_workspace(mini, problems)
    assert workspace is not None
    policies = load_policies(workspace, problems=problems)
    assert not problems
    expected = json.loads((mini / "expected.json").read_text(encoding="utf-8"))
    day = datetime.date.fromisoformat(expected["as_of"])
    vocabulary = Vocabulary.of(workspace)
    questions = [normalise(each["input"], vocabulary, day) for each in expected["decide"]]
    executable = request.getfixturevalue("opa_executable") if kind == "opa" else None
    with open_engine("opa" if kind == "opa" else "native", policies, executable=executable) as one:
        found = [decision.document() for decision in one.decide(questions)]
    wanted = [
        {key: each[key] for key in ("allow", "rules", "unknown")} for each in expected["decide"]
    ]
    assert [{key: each[key] for key in ("allow", "rules", "unknown")} for each in found] == wanted
