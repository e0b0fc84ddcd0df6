"""Reconcile: every kind of difference, and beside each what looks like one and is not."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from headwater.app.agreement_reconcile import reconcile
from headwater.app.reconciliation import KINDS, Reconciliation
from headwater.catalog.errors import InputError

DAY = datetime.date(2026, 11, 1)
RESIDENT = "police.resident"
USED = ("resident_id", "name")
LIST = """\
apiVersion: v3.0.2
kind: DataContract
id: {id}
version: 1.0.0
status: active
tenant: {tenant}
schema:
  - name: {id}
    customProperties:
      - {{property: dataset, value: {{namespace: "postgres://{tenant}:5432", name: {id}}}}}
    properties: [{{name: name, logicalType: string}}]
"""


def run(town: Any, day: datetime.date = DAY) -> Reconciliation:
    return reconcile(town.load(), day)


def told(found: Reconciliation) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(each.kind, each.provider, each.consumer, each.columns) for each in found.differences]


@pytest.fixture
def agreed(town: Any) -> Any:
    """The town, where what was agreed is exactly what flows."""
    town.flow(RESIDENT, "tax.payer", *USED)
    return town


def test_what_was_agreed_and_flows_is_no_difference(agreed: Any) -> None:
    found = run(agreed)
    assert (told(found), found.outcome) == ([], "same")
    assert found.coverage.complete
    assert (found.coverage.flows, found.coverage.log.sequence) == (1, 1)


def test_nothing_to_compare_is_no_pass(town: Any) -> None:
    town.flow(RESIDENT, "police.copy", "name")
    with pytest.raises(InputError) as caught:
        run(town)
    assert caught.value.problems[0].code == "nothing-to-judge"


def test_a_flow_without_agreement(agreed: Any) -> None:
    agreed.flow(RESIDENT, "street.list", "name")
    (found,) = run(agreed).differences
    assert (found.kind, found.consumer, found.agreements) == (
        "flow-without-agreement",
        "street",
        (),
    )
    assert found.target is not None
    assert (found.target.name, found.evidence, found.last_seen) == (
        "list",
        "observed",
        "2026-10-05T01:00:00Z",
    )
    assert found.position is not None
    assert found.position.file == "lineage/events.ndjson"


def test_expired_but_flowing_and_stopped_in_time(agreed: Any) -> None:
    day = datetime.date(2027, 2, 1)
    assert told(run(agreed, day)) == []
    agreed.flow(RESIDENT, "tax.payer", *USED, day="2026-12-31")
    assert told(run(agreed, day)) == []
    agreed.flow(RESIDENT, "tax.payer", *USED, day="2027-01-01")
    assert told(run(agreed, day)) == [
        ("expired-but-flowing", "police", "tax", ("name", "resident_id"))
    ]
    (found,) = run(agreed, day).differences
    assert (found.agreements, found.state) == (("police-tax",), "expired")


@pytest.mark.parametrize("state", ["draft", "terminated"])
def test_an_agreement_not_in_force(agreed: Any, state: str) -> None:
    agreed.add("agreements/police-tax.yaml", f"state: {state}\n")
    (found,) = run(agreed).differences
    assert (found.kind, found.state) == ("not-in-force", state)


def test_an_unsigned_agreement_is_not_in_force_where_signatures_are_required(agreed: Any) -> None:
    agreed.require_signatures()
    assert [(each.kind, each.state) for each in run(agreed).differences] == [
        ("not-in-force", "draft")
    ]


def test_columns_used_and_not_granted(agreed: Any) -> None:
    agreed.flow(RESIDENT, "tax.numbers", "id_number", "region", "name")
    assert told(run(agreed)) == [("column-not-granted", "police", "tax", ("id_number", "region"))]


def test_columns_granted_and_never_used(agreed: Any) -> None:
    agreed.change("agreements/police-tax.yaml", "[resident_id, name]", '["*"]')
    assert told(run(agreed)) == [("column-never-used", "police", "tax", ("id_number", "region"))]


def test_a_column_that_only_selects_rows_is_used(agreed: Any) -> None:
    agreed.change(
        "agreements/police-tax.yaml", "[resident_id, name]", "[resident_id, name, region]"
    )
    agreed.flow(RESIDENT, "tax.regions", "region")
    assert told(run(agreed)) == []


def test_an_agreement_without_flow(agreed: Any) -> None:
    agreed.agree("idle", consumer="street")
    agreed.agree("later", consumer="street", valid="{from: 2027-01-01}")
    (found,) = run(agreed).differences
    assert (found.kind, found.agreements) == ("agreement-without-flow", ("idle",))
    assert found.position is not None
    assert found.position.file == "agreements/idle.yaml"


def test_a_purpose_that_was_not_agreed_and_one_that_lies_under_it(agreed: Any) -> None:
    agreed.flow(RESIDENT, "tax.campaign", "name", purpose="marketing")
    agreed.flow(RESIDENT, "tax.roll", "name", purpose="taxation")
    (found,) = run(agreed).differences
    assert (found.kind, found.purposes) == ("purpose-drift", ("marketing",))


def test_what_cannot_be_told_is_said_and_is_no_pass(agreed: Any) -> None:
    agreed.flow(RESIDENT, "tax.unsaid", "name", purpose="")
    found = run(agreed)
    assert (told(found), found.outcome) == (
        [("purpose-unknown", "police", "tax", ("name",))],
        "unjudged",
    )


def test_a_whole_dataset_leaves_its_columns_unknown(agreed: Any) -> None:
    agreed.flow(RESIDENT, "tax.copy")
    found = run(agreed)
    assert (told(found), found.outcome) == ([("columns-unknown", "police", "tax", ())], "unjudged")
    assert (found.coverage.implied, found.coverage.complete) == (1, False)


def test_a_dataset_of_nobody_leaves_lineage_incomplete(agreed: Any) -> None:
    agreed.flow(RESIDENT, "nobody.copy", "name")
    found = run(agreed)
    assert (found.outcome, found.coverage.nobodys, found.coverage.complete) == ("same", 1, False)


def test_passed_on_without_leave_through_two_departments(agreed: Any) -> None:
    """police → tax → street → courts: each hop has an agreement, the last has no leave."""
    agreed.write(
        "departments.yaml",
        (agreed.root / "departments.yaml").read_text(encoding="utf-8")
        + '  - {id: courts, name: courts, level: city, region: "330100", clearance: general-4}\n',
    )
    agreed.change(
        "headwater.yaml",
        "lineage:",
        '  - {namespace: "postgres://courts:*", department: courts}\nlineage:',
    )
    for name, consumer in (("tax", "street"), ("street", "courts")):
        agreed.write(
            f"contracts/{name}-list.odcs.yaml", LIST.format(id=f"{name}-list", tenant=name)
        )
        grants = f"[{{contract: {name}-list, columns: [name]}}]"
        agreed.agree(f"{name}-{consumer}", provider=name, consumer=consumer, onward="any")
        text = (agreed.root / f"agreements/{name}-{consumer}.yaml").read_text(encoding="utf-8")
        text = text.replace(
            "grants:\n  - {contract: resident, columns: [resident_id, name]}\n",
            f"grants: {grants}\n",
        )
        agreed.write(f"agreements/{name}-{consumer}.yaml", text)
    agreed.add("agreements/police-tax.yaml", "onward: [street]\n")
    agreed.flow(RESIDENT, "tax.tax-list", "name")
    agreed.flow("tax.tax-list", "street.street-list", "name")
    agreed.flow("street.street-list", "courts.case", "name")
    (found,) = run(agreed).differences
    assert (found.kind, found.consumer) == ("onward-not-granted", "courts")
    assert found.way == ("police", "tax", "street", "courts")
    assert (found.via, len(found.path)) == (("street", "tax"), 4)
    assert found.agreements == ("police-tax",)
    agreed.change("agreements/police-tax.yaml", "[street]", "[street, courts]")
    assert told(run(agreed)) == []


HUB = 'exchange: {hubs: [{namespace: "postgres://hub:*"}]}\n'


def test_a_flow_that_bypasses_the_exchange_and_one_that_passes_it(agreed: Any) -> None:
    agreed.add("headwater.yaml", HUB)
    agreed.flow(RESIDENT, "hub.feed", "name")
    agreed.flow("hub.feed", "tax.through", "name")
    (found,) = run(agreed).differences
    assert (found.kind, found.columns) == ("hub-bypass", ("name", "resident_id"))
    assert found.target is not None
    assert found.target.name == "payer"


def test_a_way_round_the_exchange_counts_beside_a_way_through_it(town: Any) -> None:
    town.change("agreements/police-tax.yaml", "[resident_id, name]", "[name]")
    town.add("headwater.yaml", HUB)
    town.flow(RESIDENT, "hub.feed", "name")
    town.flow("hub.feed", "tax.payer", "name")
    assert told(run(town)) == []
    town.flow(RESIDENT, "police.copy", "name")
    assert told(run(town)) == []
    town.flow("police.copy", "tax.payer", "name")
    kinds = [each.kind for each in run(town).differences]
    assert "hub-bypass" in kinds


def test_only_the_flows_that_should_pass_the_exchange_do(agreed: Any) -> None:
    agreed.add(
        "headwater.yaml", HUB.replace("]}", "], flows: [{provider: police, consumer: str*}]}")
    )
    assert told(run(agreed)) == []
    agreed.change("headwater.yaml", "consumer: str*", 'consumer: "*"')
    assert [each.kind for each in run(agreed).differences] == ["hub-bypass"]


def test_the_order_of_events_and_files_does_not_matter(agreed: Any) -> None:
    agreed.flow(RESIDENT, "street.list", "name")
    agreed.flow(RESIDENT, "tax.numbers", "id_number")
    first = run(agreed).differences
    path = agreed.root / "lineage/events.ndjson"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(reversed(lines)), encoding="utf-8")
    again = run(agreed).differences
    assert [(d.order(), d.last_seen) for d in first] == [(d.order(), d.last_seen) for d in again]
    assert [each.order() for each in first] == sorted(each.order() for each in first)


def test_every_kind_is_tested_here() -> None:
    text = __import__("pathlib").Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []
