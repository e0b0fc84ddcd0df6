"""Facts: one form for every engine, and no question that is only half understood."""

from __future__ import annotations

import datetime
import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.errors import InputError
from headwater.policies import Facts, Normaliser, Vocabulary, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = datetime.date(2026, 11, 1)


def test_a_normalised_document_says_something_of_every_attribute(
    facts: Callable[..., Facts],
) -> None:
    found = facts(
        {
            "action": "share",
            "subject.department": "health",
            "subject.level": "township",
            "resource.level": "core",
            "resource.categories": ["personal", "health", "personal"],
            "context.purpose": "immunisation",
            "context.hops": 2.0,
            "context.masked": False,
        }
    ).document
    assert found["headwater"] == "facts/1"
    assert found["as_of"] == 20758
    assert found["subject"] == {
        "department": ["health", "city"],
        "level": 1,
        "region": None,
        "clearance": None,
    }
    assert found["resource"] == {
        "department": None,
        "region": None,
        "namespace": None,
        "name": None,
        "contract": None,
        "column": None,
        "level": 6,
        "categories": ["health", "personal"],
    }
    context = found["context"]
    assert isinstance(context, dict)
    assert context["purpose"] == ["immunisation", "public-health"]
    assert (context["hops"], type(context["hops"])) == (2, int)
    assert context["masked"] is False
    missing = found["missing"]
    assert isinstance(missing, list)
    assert missing == sorted(missing)
    assert "context.via" in missing
    assert "context.masked" not in missing


def test_equal_questions_have_equal_keys_and_others_do_not(facts: Callable[..., Facts]) -> None:
    one = facts({"resource.categories": ["health", "personal"], "context.purpose": None})
    other = facts({"resource.categories": ["personal", "health", "health"]})
    assert one.key == other.key
    assert json.loads(one.key) == one.document
    assert facts({"resource.categories": ["health"]}).key != one.key
    later = facts({"resource.categories": ["personal", "health"]}, DAY + datetime.timedelta(1))
    assert later.key != one.key


def test_nothing_at_all_is_a_question_and_says_that_everything_is_missing(
    vocabulary: Vocabulary,
) -> None:
    documents: list[object] = [
        {},
        {"subject": {}},
        {"subject": None},
        {"context": {"purpose": None}},
    ]
    for document in documents:
        assert len(normalise(document, vocabulary, DAY).missing) == 30


def test_an_undeclared_purpose_is_known_and_lies_under_nothing(facts: Callable[..., Facts]) -> None:
    assert facts({"context.purpose": "sightseeing"}).values["context.purpose"] == ["sightseeing"]


def test_no_department_between_is_a_direct_flow(facts: Callable[..., Facts]) -> None:
    assert facts({"context.via": []}).values["context.via"] is None
    assert facts({"resource.categories": []}).values["resource.categories"] == []


UNKNOWN = [
    ({"subjet": {}}, "subjet", "subject"),
    ({"subject": {"departmnt": "tax"}}, "subject.departmnt", "subject.department"),
    ({"resource": {"levle": "core"}}, "resource.levle", "resource.level"),
    ({"headwater": "facts/1"}, "headwater", None),
    ({"as_of": 5}, "as_of", None),
    ({"missing": []}, "missing", None),
]


@pytest.mark.parametrize(("document", "named", "meant"), UNKNOWN)
def test_an_attribute_that_is_not_declared_is_told_with_what_was_meant(
    document: object, named: str, meant: str | None, vocabulary: Vocabulary
) -> None:
    with pytest.raises(InputError) as caught:
        normalise(document, vocabulary, DAY)
    (found,) = caught.value.problems
    assert found.code == "unknown-attribute"
    assert f"`{named}`" in found.message.en
    assert found.hint is not None
    assert (f"did you mean `{meant}`?" in found.hint.en) is (meant is not None)


BAD: list[tuple[str, Any]] = [
    ("action", "raed"),
    ("action", ["read"]),
    ("subject.department", "nowhere"),
    ("subject.department", {"id": "tax"}),
    ("subject.level", "core"),
    ("subject.region", "3301"),
    ("subject.region", "33010\uff10"),
    ("subject.region", 330100),
    ("subject.clearance", 4),
    ("resource.name", ""),
    ("resource.name", "x" * 5000),
    ("resource.name", "\ud800"),
    ("resource.name", 5),
    ("resource.categories", "health"),
    ("resource.categories", ["heath"]),
    ("resource.categories", [["health"]]),
    ("resource.categories", ["health"] * 2000),
    ("resource.categories", [None]),
    ("context.via", ["nowhere"]),
    ("context.granted", "true"),
    ("context.granted", 1),
    ("context.masked", []),
    ("context.hops", True),
    ("context.hops", "1"),
    ("context.hops", float("nan")),
    ("context.hops", float("inf")),
    ("context.hops", 1e300),
    ("context.hops", 2**70),
    ("context.purpose", ["marketing"]),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_that_does_not_fit_is_told_and_never_taken_for_absent(
    name: str, value: object, facts: Callable[..., Facts]
) -> None:
    with pytest.raises(InputError) as caught:
        facts({name: value})
    (found,) = caught.value.problems
    assert found.code == "bad-fact"
    assert f"`{name}`" in found.message.en
    assert f"`{name}`" in found.message.zh
    assert len(found.message.en) < 500


@pytest.mark.parametrize("document", [None, [], "x", 5, {"subject": []}, {"context": "x"}])
def test_what_is_no_mapping_is_refused(document: object, vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError) as caught:
        normalise(document, vocabulary, DAY)
    assert [found.code for found in caught.value.problems] == ["bad-fact"]


def test_all_mistakes_are_told_at_once_but_not_without_end(vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError) as caught:
        normalise({"actoin": 1, "action": "x", "subject": {"level": 1}}, vocabulary, DAY)
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError) as caught:
        normalise({f"k{n}": 1 for n in range(100_000)}, vocabulary, DAY)
    assert len(caught.value.problems) == 50


def test_a_hostile_name_is_shown_and_does_not_command(vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError) as caught:
        normalise({"\x1b[31m{action}": 1}, vocabulary, DAY)
    (found,) = caught.value.problems
    assert "\x1b" not in found.message.en
    assert "\\u001b" in found.message.en


@pytest.mark.parametrize("seed", range(20))
def test_a_normaliser_says_of_many_documents_what_normalising_each_says(
    seed: int, vocabulary: Vocabulary
) -> None:
    chance = Random(seed)  # noqa: S311 - no secret
    many = Normaliser(vocabulary, DAY)
    seen = []
    for _ in range(200):
        document: dict[str, object] = {
            "action": "share",
            "subject": {"clearance": chance.choice(["general-1", "core", None])},
            "resource": {
                "name": chance.choice(["1", "true", "n"]),
                "column": chance.choice([None, "1", "c"]),
                "categories": chance.choice([[], ["personal"], ["personal", "health"], None]),
            },
            "context": {"hops": chance.choice([1, 1.0, 2]), "masked": chance.choice([True, False])},
        }
        found = many.facts(document)
        alone = normalise(document, vocabulary, DAY)
        assert (found.values, found.raw, found.key) == (alone.values, alone.raw, alone.key)
        seen.append(found)
    assert len({id(each) for each in seen}) == len({repr(each.raw) for each in seen})
    with pytest.raises(InputError):
        many.facts({"action": "share", "context": {"hops": "1"}})
    with pytest.raises(InputError):
        many.facts({"action": "share", "context": {"hop": 1}})
