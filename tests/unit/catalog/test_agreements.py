"""Agreements as read: the whole form, and every way in which one can be wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headwater.catalog.agreements import read_agreement
from headwater.catalog.canonical import canonical_json
from headwater.catalog.forms import Problems
from headwater.catalog.model import Agreement
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml

WHOLE = """\
kind: agreement
id: police-tax-2
provider: police
consumer: tax
mode: entrust
supersedes: police-tax
grants:
  - {contract: resident, object: "resi*", columns: ["resident_*", name]}
purposes: [taxation]
legal_basis: {ground: statutory-duty, mandate: DSL-38}
impact_assessment: PIA-2026-014
valid: {from: 2026-01-01, until: 2026-12-31}
conditions:
  max_level: general-3
  masked: ["id_*"]
  min_k: 10
  location: "330100"
  rows:
    status: alive
    region: {in: ["330102", "330106"]}
    age: {at_least: 18, below: 65.5}
onward: none
retention: {at_most: P1Y, then: delete}
"""


def read(text: str) -> tuple[Agreement, list[tuple[str, int]]]:
    node = parse_yaml(text.encode(), "a.yaml")
    assert isinstance(node, Mapping)
    problems = Problems()
    found = read_agreement(node, problems)
    return found, [(each.code, each.position.line if each.position else 0) for each in problems]


def test_the_whole_form_is_read() -> None:
    found, problems = read(WHOLE)
    assert problems == []
    terms = found.terms
    assert (terms.mode, terms.supersedes, terms.assessment) == (
        "entrust",
        "police-tax",
        "PIA-2026-014",
    )
    assert [glob.pattern for glob in terms.masked] == ["id_*"]
    assert (terms.min_k, terms.location) == (10, ("330100",))
    assert [(each.column, each.operator, each.values) for each in terms.rows] == [
        ("status", "eq", ("alive",)),
        ("region", "in", ("330102", "330106")),
        ("age", "at_least", (18,)),
        ("age", "below", (65.5,)),
    ]
    assert terms.retention is not None
    assert (terms.retention.at_most, terms.retention.then) == ("P1Y", "delete")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("mode: entrust", "mode: lend", ("not-one-of", 5)),
        ("mode: entrust", "modus: entrust", ("unknown-key", 5)),
        ("min_k: 10", "min_k: 1", ("number-outside", 16)),
        ("min_k: 10", "min_k: ten", ("wrong-type", 16)),
        ("min_k: 10", "mink: 10", ("unknown-key", 16)),
        ('location: "330100"', "location: hangzhou", ("bad-region", 17)),
        ("status: alive", "status: {is: alive}", ("unknown-key", 19)),
        ("status: alive", "status: {}", ("empty", 19)),
        ("status: alive", "status: {between: [1]}", ("not-two", 19)),
        ("status: alive", "status: {in: alive}", ("wrong-type", 19)),
        ("status: alive", "status: [alive]", ("wrong-type", 19)),
        ("then: delete", "then: anonymise", ("entrusted-data-stays", 23)),
        ("then: delete", "then: forget", ("not-one-of", 23)),
        ("at_most: P1Y", "at_most: a year", ("bad-period", 23)),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    before: str, after: str, problem: tuple[str, int]
) -> None:
    assert before in WHOLE
    assert read(WHOLE.replace(before, after))[1] == [problem]


def test_the_paper_is_the_document_in_canonical_form() -> None:
    paper = read(WHOLE)[0].paper.text
    found = json.loads(paper)
    assert found["conditions"]["rows"]["age"] == {"at_least": 18, "below": 65.5}
    assert list(found) == sorted(found)
    assert (
        read(WHOLE.replace("kind: agreement\n", "kind:    agreement   # same\n\n"))[0].paper.text
        == paper
    )
    assert read(WHOLE.replace("65.5", "65.50"))[0].paper.text == paper
    assert read(WHOLE.replace("65.5", '"65.5"'))[0].paper.text != paper


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "1e-7"), (1e-6, "0.000001"), (0.1, "0.1"), (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.5e300, "1.5e+300"), (-0.0, "0"), (5e-324, "5e-324"), (2**60, str(2**60)),
        ("\u20ac$\u000f\nA'B\"\\\\\"/", '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ({"\ue000": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ue000":1}'),
    ],
)  # fmt: skip
def test_canonical_json_is_that_of_the_standard(value: Any, text: str) -> None:
    assert canonical_json(value).decode() == text
