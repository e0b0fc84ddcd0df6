"""Policy tests as Rego: the same cases, to be run by ``opa test`` beside the bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.policies.model import canonical
from headwater.policies.rego_text import literal, metadata, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.policies.fixtures import Case, Fixture

_TESTS = """\
test_case[name] if {
	some name, tested in _cases
	answer := decision with input as tested.facts
	every key, value in tested.expected {
		answer[key] == value
	}
}"""

_TERMS = """\
test_terms[name] if {
	some name, tested in _terms
	answer := retention with input as tested.facts
	answer.terms == tested.holds
}"""


def rego_tests(fixtures: Iterable[Fixture]) -> dict[str, str]:
    """Return the text of a test module by its path, one for each file of tests.

    Their packages lie under ``headwater_tests``, outside the bundle's root, and a manifest says
    so: ``opa test --bundle BUNDLE FOLDER`` takes both.
    """
    found = {".manifest": canonical({"rego_version": 1, "roots": ["headwater_tests"]})}
    for number, fixture in enumerate(fixtures, 1):
        name = f"f_{number:04d}"
        found[f"headwater_tests/{name}/{name}_test.rego"] = _module(name, fixture)
    return found


def _module(name: str, fixture: Fixture) -> str:
    about = f"The cases of {fixture.position.file}."
    blocks = [[*metadata(fixture.id, about), f"package headwater_tests.{name}_test"]]
    decided, kept = dict(_decided(fixture)), dict(_kept(fixture))
    imports = ["import data.headwater.decision"] if decided else []
    imports += ["import data.headwater.retention"] if kept else []
    blocks += [imports] if imports else []
    blocks += [_TESTS.split("\n"), _object("_cases", decided)] if decided else []
    blocks += [_TERMS.split("\n"), _object("_terms", kept)] if kept else []
    return source(blocks)


def _decided(fixture: Fixture) -> Iterator[tuple[str, object]]:
    for number, case in enumerate(fixture.cases, 1):
        expected = {key: _plain(key, value) for key, value in case.expected.items()}
        expected.pop("terms", None)
        if expected:
            yield _named(number, case), {"expected": expected, "facts": case.facts.document}


def _kept(fixture: Fixture) -> Iterator[tuple[str, object]]:
    for number, case in enumerate(fixture.cases, 1):
        if "terms" in case.expected:
            holds = _plain("terms", case.expected["terms"])
            yield _named(number, case), {"facts": case.facts.document, "holds": holds}


def _named(number: int, case: Case) -> str:
    return f"{number} {case.name} ({case.position})"


def _plain(key: str, value: object) -> object:
    if not isinstance(value, tuple):
        return value
    return [json.loads(text) for text in value] if key == "obligations" else list(value)


def _object(name: str, entries: Mapping[str, object]) -> list[str]:
    lines = [f"\t{literal(key)}: {literal(value)}," for key, value in entries.items()]
    return [f"{name} := {{", *lines, "}"]
