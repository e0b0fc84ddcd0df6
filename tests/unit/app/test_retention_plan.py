"""Retention on a small city: what is due, frozen, in conflict, without end; who must be told."""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headwater.app.loading import load
from headwater.app.retention_explain import explain, why_not_delete
from headwater.app.retention_model import State
from headwater.app.retention_plan import Plan, plan
from headwater.app.retention_simulate import simulate
from headwater.app.retention_survey import Survey, surveying
from headwater.app.subject import subject
from headwater.catalog.errors import DocumentError, InputError
from headwater.catalog.ids import DatasetId

DAY = datetime.date(2026, 11, 1)

FILES = {
    "headwater.yaml": """\
kind: workspace
id: town
namespaces: [{namespace: "a:*", department: a}, {namespace: "b:*", department: b}]
lineage: ["events.ndjson"]
checks: {server: local}
categories: [processing-record]
zone: Asia/Shanghai
""",
    "departments.yaml": """\
kind: departments
departments:
  - {id: a, name: {en: A, zh: 甲}, level: city, region: "330100", clearance: core}
  - {id: b, name: {en: B, zh: 乙}, level: city, region: "330100", clearance: core}
""",
    "purposes.yaml": "kind: purposes\npurposes: [{id: care, name: {en: care, zh: 照护}}]\n",
    "agreement.yaml": """\
kind: agreement
id: a-b
provider: a
consumer: b
grants: [{contract: person, columns: ["*"]}]
purposes: [care]
legal_basis: {ground: consent}
valid: {from: 2024-01-01, until: 2026-06-30}
""",
    "policy.yaml": """\
kind: retention-policy
id: person
title: {en: Two years, zh: 两年}
owner: a
basis: [PIPL-19]
effective: {from: 2020-01-01}
applies_to: {resource.contract: {eq: person}}
rules:
  - {id: two-years, at_most: P2Y, since: {column: came_on}, then: delete}
""",
    "person.csv": "id,came_on,seen_at\n1,2024-10-31,x\n2,2024-11-01,x\n3,2023-02-28,x\n",
    "copy.csv": "id,since\n1,2024-10-31\n2,2025-01-01\n",
}


def contract(name: str, namespace: str, columns: dict[str, str], more: str = "") -> str:
    properties = "\n".join(
        f"      - {{name: {column}, logicalType: string, tags: [{tags}]}}"
        for column, tags in columns.items()
    )
    return f"""\
apiVersion: v3.1.0
kind: DataContract
id: {name}
version: 1.0.0
status: active
tenant: {namespace}
{more}servers:
  - {{server: local, type: local, path: {name}.csv, format: csv}}
schema:
  - name: {name}
    customProperties: [{{property: dataset, value: {{namespace: "{namespace}:x", name: {name}}}}}]
    properties:
{properties}
"""


def event(
    to: str, fields: dict[str, str], day: str = "2026-10-01", source: str = "a:x", into: str = "b:x"
) -> dict[str, Any]:
    """Return one run of one job: its output's fields, each made from ``dataset.column``."""
    names = sorted({made.split(".")[0] for made in fields.values()})
    lineage = {
        field: {
            "inputFields": [
                {
                    "namespace": source,
                    "name": made.split(".")[0],
                    "field": made.split(".")[1],
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                }
            ]
        }
        for field, made in fields.items()
    }
    base = {"_producer": "https://p", "_schemaURL": "https://s"}
    return {
        "eventType": "COMPLETE",
        "eventTime": f"{day}T01:00:00Z",
        "producer": "https://p",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{to}/{day}"))},
        "job": {"namespace": "jobs", "name": f"make-{to}"},
        "inputs": [{"namespace": source, "name": name} for name in names],
        "outputs": [
            {
                "namespace": into,
                "name": to,
                "facets": {"columnLineage": {**base, "fields": lineage}},
            }
        ],
    }


EVENTS = [
    event("copy", {"id": "person.id", "since": "person.came_on"}),
    event("list", {"id": "person.id"}),
    event("far", {"id": "copy.id", "since": "copy.since"}, source="b:x"),
]


def town(folder: Path, **files: str | None) -> Path:
    """Write the town; ``files`` replace or, ``None``, leave out its own."""
    written: dict[str, str | None] = {
        **FILES,
        "person.odcs.yaml": contract(
            "person", "a", {"id": "personal", "came_on": "", "seen_at": ""}
        ),
        "copy.odcs.yaml": contract("copy", "b", {"id": "personal", "since": ""}),
        "events.ndjson": "\n".join(map(json.dumps, EVENTS)) + "\n",
        **{name.replace("__", "."): text for name, text in files.items()},
    }
    for name, text in written.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def survey(folder: Path, day: datetime.date = DAY, engine: Any = "native", **more: Any) -> Survey:
    with surveying(load(folder), engine=engine, **more) as surveyor:
        return surveyor.on(day)


def planned(folder: Path, day: datetime.date = DAY) -> Plan:
    return plan(survey(folder, day))


def states(found: Survey, name: str) -> dict[str, int | None]:
    judged = next(each for dataset, each in found.judged.items() if dataset.name == name)
    return {group.verdict.state.value: group.records for group in judged.groups}


def actions(found: Plan) -> list[tuple[str, str, int | None]]:
    return [(step.action, step.dataset.name, step.records) for step in found.steps]


def rules(found: Plan) -> dict[str, list[str]]:
    by_rule: dict[str, list[str]] = {}
    for finding in found.findings:
        by_rule.setdefault(finding.rule, []).append(finding.subject.document()["name"])  # type: ignore[arg-type]
    return by_rule


def test_records_past_their_term_are_due_and_the_last_day_still_counts(tmp_path: Path) -> None:
    found = survey(town(tmp_path))
    assert states(found, "person") == {"delete": 2, "keep": 1}
    assert states(survey(tmp_path, datetime.date(2026, 10, 31)), "person") == {
        "delete": 1, "keep": 2,
    }  # fmt: skip


def test_a_copy_inherits_the_term_with_the_clock_that_came_along(tmp_path: Path) -> None:
    found = survey(town(tmp_path))
    assert states(found, "copy") == {"delete": 1, "keep": 1}
    copied = found.judged[DatasetId("b:x", "copy")]
    (maximum,) = copied.bounds.arrivals.columns
    assert (maximum.column, maximum.hops) == ("since", 1)


def test_copies_go_first_and_what_lost_its_clock_is_made_again_last(tmp_path: Path) -> None:
    found = planned(town(tmp_path))
    assert actions(found) == [
        ("count", "far", None),
        ("delete", "copy", 1),
        ("delete", "person", 2),
        ("derive-again", "list", None),
    ]
    copies = [[each.name for each in step.copies] for step in found.steps]
    assert copies == [["copy"], ["person"], [], ["person"]]
    again = found.steps[-1]
    assert [job.name for job in again.jobs] == ["make-list"]
    assert [each.name for each in again.path] == ["person", "list"]


def test_departments_with_copies_are_told_with_their_agreements(tmp_path: Path) -> None:
    (told,) = planned(town(tmp_path)).told
    assert told.department == "b"
    assert [dataset.name for dataset in told.datasets] == ["copy", "far", "list"]
    assert told.agreements == ("a-b",)


def test_personal_data_without_a_term_are_found_here_and_in_what_is_made_from_them(
    tmp_path: Path,
) -> None:
    found = planned(town(tmp_path, policy__yaml=None))
    assert rules(found) == {"retention/unbounded": ["person", "copy", "far", "list"]}
    assert actions(found) == []


HOLD = """\
kind: holds
holds:
  - id: audit
    scope: [{name: person}]
    reason: {en: audit, zh: 审计}
    owner: a
    from: 2026-03-01
    review: 2026-12-01
"""


def test_a_hold_freezes_what_is_due_and_a_read_since_then_is_found(tmp_path: Path) -> None:
    found = planned(town(tmp_path, holds__yaml=HOLD))
    assert states(found.survey, "person") == {"freeze": 2, "keep": 1}
    assert rules(found)["retention/frozen-use"] == ["person"]
    use = next(each for each in found.findings if each.rule == "retention/frozen-use")
    assert use.severity.value == "warning"  # other records of it may have been read
    assert use.evidence["since"] == "2026-03-01"
    assert "retention/conflict" not in rules(found)
    assert actions(found)[:2] == [("count", "far", None), ("delete", "copy", 1)]


def test_a_read_before_it_was_frozen_is_none(tmp_path: Path) -> None:
    hold = HOLD.replace("2026-03-01", "2026-10-02")
    assert "retention/frozen-use" not in rules(planned(town(tmp_path, holds__yaml=hold)))


def test_a_hold_past_its_review_is_found_and_still_counts(tmp_path: Path) -> None:
    hold = HOLD.replace("2026-12-01", "2026-05-01")
    found = planned(town(tmp_path, holds__yaml=hold))
    assert rules(found)["retention/hold-overdue"] == ["person"]
    assert not found.survey.judged[DatasetId("a:x", "person")].has(State.DELETE)


def test_a_hold_that_covers_nothing_is_refused(tmp_path: Path) -> None:
    hold = HOLD.replace("name: person", "name: persn")
    with pytest.raises(DocumentError) as caught:
        survey(town(tmp_path, holds__yaml=hold))
    assert [problem.code for problem in caught.value.problems] == ["hold-covers-nothing"]


LAW = """\
kind: retention-policy
id: law
title: {en: Law, zh: 法}
owner: b
basis: [PIPL-56]
effective: {from: 2020-01-01}
applies_to: {resource.contract: {eq: copy}}
rules:
  - {id: three-years, at_least: P3Y, since: {column: since}}
"""


def test_a_minimum_longer_than_the_inherited_maximum_is_a_conflict_of_two_departments(
    tmp_path: Path,
) -> None:
    found = planned(town(tmp_path, law__yaml=LAW))
    assert states(found.survey, "copy") == {"freeze": 1, "keep": 1}
    conflict = next(each for each in found.findings if each.rule == "retention/conflict")
    assert conflict.evidence["maximum"] == "person/two-years"
    assert conflict.evidence["minimum"] == "law/three-years"
    assert conflict.remedy is not None
    assert "a, b" in conflict.remedy.en
    assert conflict.basis == ("PIPL-47", "PIPL-19", "PIPL-56")
    assert ("freeze", "copy", 1) in actions(found)


def test_a_minimum_does_not_travel(tmp_path: Path) -> None:
    law = LAW.replace("eq: copy", "eq: person").replace("{column: since}", "{column: came_on}")
    found = survey(town(tmp_path, law__yaml=law))
    assert states(found, "person") == {"delete": 1, "freeze": 1, "keep": 1}
    assert states(found, "copy") == {"delete": 1, "keep": 1}


def test_advice_decides_nothing(tmp_path: Path) -> None:
    law = LAW.replace("owner: b", "owner: b\nmode: advise")
    found = survey(town(tmp_path, law__yaml=law))
    assert states(found, "copy") == {"delete": 1, "keep": 1}
    assert [each.rule for each in explain(found, DatasetId("b:x", "copy")).advice] == [
        "law/three-years"
    ]


def test_a_contract_that_declares_ninety_days_is_held_to_them(tmp_path: Path) -> None:
    more = (
        "slaProperties:\n  - {property: retention, value: 90, unit: d, element: person.came_on}\n"
    )
    text = contract("person", "a", {"id": "personal", "came_on": ""}, more)
    data = "id,came_on\n1,2025-09-27\n2,2026-08-03\n3,2026-08-02\n"
    files = {"person__odcs__yaml": text, "person__csv": data, "policy__yaml": None}
    found = planned(town(tmp_path, **files))
    assert states(found.survey, "person") == {"delete": 2, "keep": 1}
    expired = next(each for each in found.findings if each.rule == "retention/expired")
    assert expired.evidence["records"] == 2
    assert expired.evidence["oldest"] == "2025-09-27"
    assert (expired.location.file, expired.location.line) == ("person.odcs.yaml", 8)


def test_a_law_pack_keeps_what_it_names_and_says_what_was_verified(tmp_path: Path) -> None:
    text = contract("person", "a", {"id": "personal, processing-record", "came_on": ""})
    yaml = FILES["headwater.yaml"] + "packs: [retention-law]\n"
    yaml = yaml.replace("[processing-record]",
                        "[assessment-report, processing-record, sharing-record, trade-record]")  # fmt: skip
    found = survey(town(tmp_path, person__odcs__yaml=text, headwater__yaml=yaml))
    assert states(found, "person") == {"freeze": 2, "keep": 1}
    (minimum,) = found.judged[DatasetId("a:x", "person")].bounds.minima
    assert (minimum.rule, minimum.source) == ("retention-law/processing-records", "law")
    assert (minimum.basis, minimum.verified) == (("PIPL-56",), True)


def test_an_unknown_pack_is_refused(tmp_path: Path) -> None:
    yaml = FILES["headwater.yaml"] + "packs: [retention-low]\n"
    with pytest.raises(DocumentError) as caught:
        load(town(tmp_path, headwater__yaml=yaml))
    assert [problem.code for problem in caught.value.problems] == ["unknown-pack"]


def limited(keeping: str) -> str:
    """Return the agreement, with what it says of retention."""
    return FILES["agreement.yaml"] + f"retention: {keeping}\n"


def test_an_agreement_that_ended_has_the_consumer_let_its_data_go(tmp_path: Path) -> None:
    agreement = limited("{at_most: P1Y, then: return}")
    town(tmp_path, policy__yaml=None, agreement__yaml=agreement)
    running = survey(tmp_path, datetime.date(2026, 6, 30))
    assert states(running, "copy") == {"keep": None}
    ended = planned(tmp_path, datetime.date(2026, 7, 1))
    assert states(ended.survey, "person") == {"unbounded": None}
    assert actions(ended) == [
        ("return", "far", None), ("return", "copy", None), ("return", "list", None),
    ]  # fmt: skip
    term = ended.steps[1].rule
    assert term is not None
    assert (term.rule, term.event, term.basis) == ("agreement:a-b", "agreement-ended", ("PIPL-21",))


def test_an_agreement_limits_what_its_consumer_keeps_from_the_day_it_came(tmp_path: Path) -> None:
    town(tmp_path, policy__yaml=None, agreement__yaml=limited("{at_most: P30D}"))
    assert states(survey(tmp_path, datetime.date(2026, 10, 31)), "copy") == {"keep": None}
    assert states(survey(tmp_path, DAY), "copy") == {"delete": None}
    assert states(survey(tmp_path, DAY), "person") == {"unbounded": None}


def test_data_collected_over_many_days_are_due_when_the_last_of_them_are(tmp_path: Path) -> None:
    policy = FILES["policy.yaml"].replace("{column: came_on}", "collected").replace("P2Y", "P90D")
    events = [event("list", {"id": "person.id"}, day) for day in ("2026-05-01", "2026-07-01")]
    text = "\n".join(map(json.dumps, events)) + "\n"
    town(tmp_path, policy__yaml=policy, events__ndjson=text)
    on = [(datetime.date(2026, 7, 30), "keep"), (datetime.date(2026, 7, 31), "unknown"),
          (datetime.date(2026, 9, 29), "unknown"), (datetime.date(2026, 9, 30), "delete")]  # fmt: skip
    assert [(day, *states(survey(tmp_path, day), "list")) for day, _ in on] == on


@pytest.mark.parametrize("event_name", ["consent-withdrawn", "purpose-fulfilled", "service-ended"])
def test_an_event_that_nothing_tells_of_never_deletes(tmp_path: Path, event_name: str) -> None:
    policy = FILES["policy.yaml"].replace("{column: came_on}", event_name)
    found = planned(town(tmp_path, policy__yaml=policy))
    assert states(found.survey, "person") == {"unknown": None}
    assert "retention/not-evaluated" in rules(found)
    assert actions(found) == []


def test_a_term_from_the_agreements_end_begins_when_it_has_ended(tmp_path: Path) -> None:
    policy = FILES["policy.yaml"].replace("{column: came_on}", "agreement-ended")
    policy = policy.replace("eq: person", "eq: copy").replace("P2Y", "P1M")
    town(tmp_path, policy__yaml=policy)
    on = [("2026-06-30", "keep"), ("2026-07-30", "keep"), ("2026-07-31", "delete")]
    found = [
        (day, *states(survey(tmp_path, datetime.date.fromisoformat(day)), "copy")) for day, _ in on
    ]
    assert found == on


def test_records_without_a_date_are_neither_due_nor_passed_over(tmp_path: Path) -> None:
    data = "id,came_on,seen_at\n1,,x\n2,last autumn,x\n3,2020-01-01,x\n"
    found = planned(town(tmp_path, person__csv=data))
    assert states(found.survey, "person") == {"delete": 1, "unknown": 2}
    unknown = [each for each in found.findings if each.rule == "retention/not-evaluated"]
    assert "2" in unknown[0].message.en


def test_a_timestamp_belongs_to_the_day_of_the_workspaces_zone(tmp_path: Path) -> None:
    data = "id,came_on,seen_at\n1,2024-10-31T15:59:59Z,x\n2,2024-10-31T16:00:00Z,x\n"
    assert states(survey(town(tmp_path, person__csv=data)), "person") == {"delete": 1, "keep": 1}
    policy = FILES["policy.yaml"].replace("owner: a", "owner: a\nzone: UTC")
    assert states(survey(town(tmp_path, person__csv=data, policy__yaml=policy)), "person") == {
        "delete": 2
    }


def test_a_stop_point_that_is_proved_ends_a_maximum(tmp_path: Path) -> None:
    def ends(edge: Any) -> bool:
        return "copy" in str(edge.target)

    found = survey(town(tmp_path), ends=ends)
    assert not found.judged[DatasetId("b:x", "copy")].bounds.arrivals.bounded
    assert found.judged[DatasetId("b:x", "list")].bounds.arrivals.bounded


def test_explain_names_every_rule_with_its_law_and_path(tmp_path: Path) -> None:
    found = explain(survey(town(tmp_path, law__yaml=LAW)), DatasetId("b:x", "far"))
    (maximum,) = found.maxima
    assert (maximum.term.rule, maximum.term.basis) == ("person/two-years", ("PIPL-19",))
    assert [each.name for each in maximum.path] == ["person", "copy", "far"]
    assert (maximum.column, maximum.follows) == ("since", False)


def test_why_not_delete_gives_each_reason(tmp_path: Path) -> None:
    found = survey(town(tmp_path, holds__yaml=HOLD, law__yaml=LAW))
    said = [reason.en for each in why_not_delete(found, DatasetId("a:x", "person"))
            for reason in each.reasons]  # fmt: skip
    assert any("the hold `audit`" in each for each in said)
    assert any(
        "within its term: person/two-years ends it after 2026-11-01" in each for each in said
    )
    copied = why_not_delete(found, DatasetId("b:x", "copy"))
    assert "law/three-years keeps it until 2027-10-31" in copied[0].reasons[0].en


def test_simulating_says_what_surveying_on_each_day_says(tmp_path: Path) -> None:
    hold = HOLD + "    released: 2027-01-15\n"
    loaded = load(town(tmp_path, holds__yaml=hold, law__yaml=LAW))
    start, until = DAY, datetime.date(2028, 2, 1)
    with surveying(loaded, engine="native") as surveyor:
        found = simulate(surveyor, start, until)
        counts = {each: _counted(found.survey, each) for each in ("person", "copy")}
        day = start
        while day < until:
            day += datetime.timedelta(days=1)
            for change in (c for c in found.changes if c.day == day and c.dataset.name in counts):
                counts[change.dataset.name][change.before.value] -= change.records or 0
                after = counts[change.dataset.name]
                after[change.after.value] = after.get(change.after.value, 0) + (change.records or 0)
            if day.day in (1, 15, 16, 31) or any(c.day == day for c in found.changes):
                now = surveyor.on(day)
                for name, known in counts.items():
                    assert {k: v for k, v in known.items() if v} == _counted(now, name), day


def _counted(found: Survey, name: str) -> dict[str, int]:
    return {state: number or 0 for state, number in states(found, name).items()}


def test_a_subject_is_traced_through_copies_and_joins_without_reading_a_record(
    tmp_path: Path,
) -> None:
    loaded = load(town(tmp_path, person__csv="", copy__csv=""))  # there is nothing to read
    with surveying(loaded, engine="native", counting=False) as surveyor:
        found = subject(surveyor, "far#id", DAY)
    places = {place.dataset.name: (place.how, place.columns) for place in found.places}
    assert places == {
        "person": ("identifier", ("id",)),
        "copy": ("identifier", ("id",)),
        "far": ("identifier", ("id",)),
        "list": ("identifier", ("id",)),
    }
    copied = next(place for place in found.places if place.dataset.name == "copy")
    assert copied.agreements == (("a-b", "expired"),)


def test_a_subject_needs_a_column(tmp_path: Path) -> None:
    loaded = load(town(tmp_path))
    with surveying(loaded, engine="native", counting=False) as surveyor:
        with pytest.raises(InputError) as caught:
            subject(surveyor, "person", DAY)
        made = subject(surveyor, "person#seen_at", DAY)
    assert "no-key" in [problem.code for problem in caught.value.problems]
    assert {place.how for place in made.places if place.dataset.name != "person"} == {"derived"}


def test_opa_and_native_say_the_same_of_every_dataset(tmp_path: Path, opa_executable: str) -> None:
    town(tmp_path, holds__yaml=HOLD, law__yaml=LAW)
    native = planned(tmp_path)
    opa = plan(survey(tmp_path, engine="opa", executable=opa_executable))
    assert opa.survey.judged == native.survey.judged
    assert opa.steps == native.steps
    assert opa.findings == native.findings
    assert (opa.survey.engine.name, native.survey.engine.name) == ("opa", "native")
    assert replace(opa.survey.engine, name="", version="") == replace(
        native.survey.engine, name="", version=""
    )


def test_a_term_may_depend_on_what_the_data_were_written_for(tmp_path: Path) -> None:
    policy = FILES["policy.yaml"].replace("eq: person", "eq: copy").replace("came_on", "since")
    policy = policy.replace("then: delete", "then: delete, when: {context.purpose: {eq: care}}")
    jobs = FILES["headwater.yaml"] + "jobs: [{namespace: '*', name: make-copy, purpose: care}]\n"
    files = {"policy__yaml": policy, "headwater__yaml": jobs}
    assert states(survey(town(tmp_path, **files)), "copy") == {"delete": 1, "keep": 1}
    unknown = survey(town(tmp_path, policy__yaml=policy, headwater__yaml=FILES["headwater.yaml"]))
    assert states(unknown, "copy") == {"unknown": None}  # nothing says what it is for
    other = policy.replace("eq: care", "not_in: [care]")
    assert states(survey(town(tmp_path, **{**files, "policy__yaml": other})), "copy") == {
        "unbounded": None
    }


def test_a_column_that_also_groups_rows_still_carries_the_same_dates(tmp_path: Path) -> None:
    made = event("copy", {"since": "person.came_on"})
    field = made["outputs"][0]["facets"]["columnLineage"]["fields"]["since"]["inputFields"][0]
    field["transformations"].append({"type": "INDIRECT", "subtype": "GROUP_BY"})
    found = survey(town(tmp_path, events__ndjson=json.dumps(made) + "\n"))
    assert states(found, "copy") == {"delete": 1, "keep": 1}


@pytest.mark.parametrize("subtype", ["TRANSFORMATION", "AGGREGATION", ""])
def test_dates_that_were_changed_on_the_way_count_for_nothing(tmp_path: Path, subtype: str) -> None:
    made = event("copy", {"since": "person.came_on"})
    field = made["outputs"][0]["facets"]["columnLineage"]["fields"]["since"]["inputFields"][0]
    field["transformations"] = [{"type": "DIRECT", "subtype": subtype}] if subtype else []
    found = survey(town(tmp_path, events__ndjson=json.dumps(made) + "\n"))
    assert states(found, "copy") == {"follows": None}


def test_opa_and_native_agree_on_a_law_pack(tmp_path: Path, opa_executable: str) -> None:
    names = "[assessment-report, processing-record, sharing-record, trade-record]"
    yaml = FILES["headwater.yaml"].replace("[processing-record]", names)
    yaml += "packs: [retention-law]\n"
    text = contract("person", "a", {"id": "personal, trade-record", "came_on": ""})
    town(tmp_path, person__odcs__yaml=text, headwater__yaml=yaml)
    native, opa = survey(tmp_path), survey(tmp_path, engine="opa", executable=opa_executable)
    assert native.judged == opa.judged
    (minimum,) = native.judged[DatasetId("a:x", "person")].bounds.minima
    assert (minimum.rule, minimum.verified) == ("retention-law/trade-records", False)
