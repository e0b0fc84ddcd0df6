"""The smallest change that would pass: made in the files themselves, it does pass."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest

from headwater.app.agreement_draft import draft_of, drafted
from headwater.app.fixes import MOST_SOUGHT
from headwater.app.gate import gate
from headwater.app.loading import load
from headwater.catalog.findings import Finding, Outcome

from .conftest import EVENT, FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = datetime.date(2026, 11, 1)
AGREEMENT = FILES["agreements/a-b.yaml"]
CONTRACT = FILES["contracts/people.odcs.yaml"]


def findings(root: Path) -> tuple[Finding, ...]:
    return gate(load(root), as_of=DAY, engine="native").findings


def fix_of(root: Path) -> tuple[list[str], bool]:
    fix = findings(root)[0].fix
    assert fix is not None
    return [change.kind for change in fix.changes], fix.proved


def event(change: Callable[[Any], None], *more: Callable[[Any], None]) -> str:
    events = []
    for number, each in enumerate((change, *more)):
        document = json.loads(EVENT)
        document["run"]["runId"] = f"0189b6a5-0000-7000-8000-00000000000{number}"
        each(document)
        events.append(json.dumps(document))
    return "\n".join(events) + "\n"


def tagged(purpose: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["job"]["facets"] = {
            "tags": {"_producer": "https://x", "_schemaURL": "https://x",
                     "tags": [{"key": "purpose", "value": purpose, "source": "x"}]}
        }  # fmt: skip

    return change


def test_a_column_to_grant_is_named_with_its_line(written: Callable[..., Path]) -> None:
    root = written()
    (finding,) = findings(root)
    assert finding.rule == "sharing/column-not-granted"
    assert finding.fix is not None
    (change,) = finding.fix.changes
    assert finding.fix.proved
    assert (change.kind, change.values["columns"]) == ("grant-columns", ["name"])
    assert str(change.location) == "agreements/a-b.yaml:6:5"
    granted = AGREEMENT.replace("[phone]", "[phone, name]")
    assert findings(written({"agreements/a-b.yaml": granted})) == ()


def test_an_agreement_over_is_extended(written: Callable[..., Path]) -> None:
    over = AGREEMENT.replace("[phone]", "[name]").replace("2026-12-31", "2026-10-31")
    root = written({"agreements/a-b.yaml": over})
    assert fix_of(root) == (["put-in-force"], True)


def test_what_is_granted_late_and_for_too_little_is_all_told(written: Callable[..., Path]) -> None:
    over = AGREEMENT.replace("2026-12-31", "2026-10-31").replace("[care]", "[marketing]")
    kinds, proved = fix_of(written({"agreements/a-b.yaml": over}))
    assert (kinds, proved) == (["put-in-force", "grant-columns", "add-purposes"], True)


def test_the_draft_of_a_new_agreement_passes_once_it_has_a_first_day(
    written: Callable[..., Path],
) -> None:
    (finding,) = findings(written({"agreements/a-b.yaml": None}))
    assert finding.fix is not None
    (change,) = finding.fix.changes
    assert (change.kind, finding.fix.proved) == ("new-agreement", True)
    assert change.draft is not None
    text = change.draft.replace("YYYY-MM-DD", "2026-01-01")
    assert findings(written({"agreements/a-b.yaml": text})) == ()


def test_a_purpose_to_add_is_named(written: Callable[..., Path]) -> None:
    other = AGREEMENT.replace("[phone]", "[name]").replace("[care]", "[marketing]")
    (finding,) = findings(written({"agreements/a-b.yaml": other}))
    assert finding.fix is not None
    assert [each.values.get("purposes") for each in finding.fix.changes] == [["care"]]
    both = other.replace("[marketing]", "[marketing, care]")
    assert findings(written({"agreements/a-b.yaml": both})) == ()


def test_a_purpose_to_state_is_one_that_was_agreed(written: Callable[..., Path]) -> None:
    silent = FILES["headwater.yaml"].replace(
        'jobs: [{namespace: "etl", name: "*", purpose: care}]\n', ""
    )
    given = AGREEMENT.replace("[phone]", "[name]")
    root = written({"headwater.yaml": silent, "agreements/a-b.yaml": given})
    (finding,) = findings(root)
    assert finding.fix is not None
    assert [(c.kind, c.values["value"]) for c in finding.fix.changes] == [("state-purpose", "care")]


def test_a_level_too_high_asks_for_a_stop_point_and_not_for_a_clearance(
    written: Callable[..., Path],
) -> None:
    high = CONTRACT.replace("general-2", "general-3")
    given = AGREEMENT.replace("[phone]", "[name]")
    (finding,) = findings(
        written({"contracts/people.odcs.yaml": high, "agreements/a-b.yaml": given})
    )
    assert finding.rule == "sharing/level-above-clearance"
    assert finding.fix is not None
    assert [(c.kind, c.values["value"]) for c in finding.fix.changes] == [
        ("stop-point", "general-2")
    ]


def test_a_level_that_nobody_stated_is_stated_in_the_contract(written: Callable[..., Path]) -> None:
    silent = CONTRACT.replace(", classification: general-2", "")
    given = AGREEMENT.replace("[phone]", "[name]")
    (finding,) = findings(
        written({"contracts/people.odcs.yaml": silent, "agreements/a-b.yaml": given})
    )
    assert finding.fix is not None
    (change,) = finding.fix.changes
    assert change.kind == "state-level"
    assert str(change.location) == "contracts/people.odcs.yaml:12:9"


def test_a_ceiling_is_raised_no_further_than_need_be(written: Callable[..., Path]) -> None:
    low = AGREEMENT.replace("[phone]", "[name]") + "conditions: {max_level: general-1}\n"
    (finding,) = findings(written({"agreements/a-b.yaml": low}))
    assert finding.fix is not None
    assert [(c.kind, c.values["value"]) for c in finding.fix.changes] == [
        ("raise-level", "general-2")
    ]


def test_without_a_contract_nothing_is_proved(written: Callable[..., Path]) -> None:
    bare = {"contracts/people.odcs.yaml": None, "agreements/a-b.yaml": None}
    found = [each for each in findings(written(bare)) if each.rule == "sharing/no-agreement"]
    assert found[0].fix is not None
    assert [c.kind for c in found[0].fix.changes] == ["write-contract"]
    assert not found[0].fix.proved


OWN = """\
kind: access-policy
id: own
title: own
owner: a
basis: [PIPL-28]
effective: {from: 2026-01-01}
mode: enforce
rules:
  - {id: never, deny: "never {resource.name}", when: {action: {eq: share}}, remedy: stop}
"""


def test_what_no_change_allows_has_no_change(written: Callable[..., Path]) -> None:
    found = findings(written({"policies/own.yaml": OWN}))
    assert {each.rule for each in found} == {"own/never", "sharing/column-not-granted"}
    for each in found:
        assert each.fix is not None
        assert (each.fix.changes, each.fix.proved, each.fix.sought) == ((), False, True)


def test_a_masked_column_would_do(written: Callable[..., Path]) -> None:
    clear = OWN.replace("action: {eq: share}", "context.masked: {eq: false}")
    given = AGREEMENT.replace("[phone]", "[name]")
    root = written({"policies/own.yaml": clear, "agreements/a-b.yaml": given})
    assert fix_of(root) == (["mask"], True)


def test_a_job_for_the_wrong_purpose_is_told_the_right_one_and_only_that_is_agreed(
    written: Callable[..., Path],
) -> None:
    only = OWN.replace("action: {eq: share}", "not: {context.purpose: {eq: care}}")
    root = written(
        {"policies/own.yaml": only, "agreements/a-b.yaml": None,
         "lineage/events.ndjson": event(tagged("marketing"))}
    )  # fmt: skip
    fix = findings(root)[0].fix
    assert fix is not None
    told = [(c.kind, c.values.get("value") or c.values["purposes"]) for c in fix.changes]
    assert told == [("change-purpose", "care"), ("new-agreement", ["care"])]


def test_a_waiver_is_never_proposed_and_a_warning_needs_no_change(
    written: Callable[..., Path],
) -> None:
    warns = OWN.replace("deny:", "warn:")
    given = AGREEMENT.replace("[phone]", "[name]")
    (finding,) = findings(written({"policies/own.yaml": warns, "agreements/a-b.yaml": given}))
    assert (finding.rule, finding.fix) == ("own/never", None)


def test_the_path_names_every_edge_with_its_job_purpose_and_evidence(
    written: Callable[..., Path],
) -> None:
    def second(document: Any) -> None:
        document["job"]["name"] = "pass-on"
        document["inputs"][0] = {"namespace": "postgres://b-db:1", "name": "d.public.list"}
        document["outputs"][0] = {"namespace": "postgres://c-db:1", "name": "d.public.far"}

    more = FILES["headwater.yaml"].replace(
        "jobs:", '  - {namespace: "postgres://c-db:*", department: c}\njobs:'
    )
    third = '  - {id: c, name: {en: Office C, zh: 丙局}, level: city, region: "330100", clearance: general-4}\n'
    root = written(
        {"headwater.yaml": more,
         "departments.yaml": FILES["departments.yaml"] + third,
         "agreements/a-b.yaml": AGREEMENT.replace("[phone]", "[name]"),
         "lineage/events.ndjson": event(lambda _: None, second)}
    )  # fmt: skip
    far = next(each for each in findings(root) if len(each.path) > 1)
    assert [(str(h.source), str(h.target), h.job.name, h.purpose, h.evidence) for h in far.path] == [
        ("postgres://a-db:1/d.public.people#name", "postgres://b-db:1/d.public.list#who",
         "copy", "care", "observed"),
        ("postgres://b-db:1/d.public.list", "postgres://c-db:1/d.public.far",
         "pass-on", "care", "implied"),
    ]  # fmt: skip
    assert far.rule == "sharing/implied-only"
    assert far.fix is not None
    assert [c.kind for c in far.fix.changes] == ["add-onward"]


@pytest.mark.parametrize("name", ["a: b", "x#y", '"', "[", "列", "a\\b", "no", "1", "\t|"])
def test_a_draft_reads_back_whatever_the_names(name: str) -> None:
    text = draft_of(
        ("a", "b"), grant=("k", name), columns=[f"c{name}"], purposes=[name or "p"],
        start="2026-01-01", taken={"a-b"},
    )  # fmt: skip
    found = drafted(text)
    assert (found.id, found.grants[0].columns[0].pattern) == ("a-b-2", f"c{name}")


@pytest.mark.parametrize("column", ["*", "a*", "?", " ", "x" * 4000, '"', "\u202e", "# no"])
def test_a_hostile_column_name_is_never_granted_more_widely_than_it_is(
    written: Callable[..., Path], column: str
) -> None:
    def named(document: Any) -> None:
        fields = document["outputs"][0]["facets"]["columnLineage"]["fields"]
        fields["who"]["inputFields"][0]["field"] = column

    found = findings(written({"lineage/events.ndjson": event(named), "agreements/a-b.yaml": None}))
    for each in found:
        if each.fix:
            columns = [c.values.get("columns") for c in each.fix.changes]
            assert not each.fix.proved or ("*" not in column and columns == [[column]])


def test_a_run_looks_for_only_so_many_changes_and_says_of_which_not(
    written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_SOUGHT >= 100
    monkeypatch.setattr("headwater.app.fixes.MOST_SOUGHT", 0)
    (finding,) = findings(written())
    assert finding.fix is not None
    assert (finding.fix.sought, finding.fix.changes) == (False, ())


def test_the_outcome_does_not_depend_on_being_explained(written: Callable[..., Path]) -> None:
    loaded = load(written())
    short = gate(loaded, as_of=DAY, engine="native", explained=False)
    assert short.outcome is Outcome.FAIL
    assert [(each.fix, each.path) for each in short.findings] == [(None, ())]
