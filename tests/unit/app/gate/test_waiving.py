"""Waivers: what they accept, what they never do, and what is amiss with them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from headwater.app.gate import gate
from headwater.app.loading import load
from headwater.catalog.errors import DocumentError
from headwater.catalog.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.app.report import Report

DAY = datetime.date(2026, 11, 1)
FINDING = "sharing/column-not-granted"
WAIVER = """\
kind: waivers
waivers:
  - id: pilot
    match: {MATCH}
    reason: {en: a pilot, zh: 试点}
    owner: Li Hua
    approver: Wang Fang
    from: 2026-10-01
    until: 2026-12-31
"""


def waiver(match: str = "rule: sharing/column-not-granted", **changes: str) -> dict[str, str]:
    text = WAIVER.replace("MATCH", match)
    for key, value in changes.items():
        lines = text.splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith(f"    {key}:"))
        lines[at] = f"    {key}: {value}"
        text = "\n".join(lines) + "\n"
    return {"waivers.yaml": text}


def judged(root: Path, as_of: datetime.date = DAY) -> Report:
    return gate(load(root), as_of=as_of, engine="native")


def rules(report: Report) -> list[tuple[str, bool]]:
    return [(finding.rule, finding.waiver is not None) for finding in report.findings]


def test_without_a_waiver_the_finding_counts(written: Callable[..., Path]) -> None:
    report = judged(written())
    assert (report.outcome, rules(report)) == (Outcome.FAIL, [(FINDING, False)])


@pytest.mark.parametrize(
    "match",
    [
        "rule: sharing/column-not-granted",
        'rule: "sharing/*"',
        'rule: "*", dataset: people',
        'rule: "*", dataset: "*d.public.list"',
        'rule: "*", provider: a, consumer: b',
        'rule: "*", department: b',
    ],
)
def test_a_waived_finding_stays_in_the_report_and_fails_nothing(
    written: Callable[..., Path], match: str
) -> None:
    match = match.replace("dataset: people", "dataset: d.public.people")
    report = judged(written(waiver(match)))
    assert (report.outcome, rules(report), report.waived) == (Outcome.PASS, [(FINDING, True)], 1)


@pytest.mark.parametrize(
    "match",
    [
        "rule: sharing/purpose-drift",
        'fingerprint: "00000000000000000000000000000000"',
        'rule: "sharing/*", dataset: people',
        'rule: "sharing/*", provider: b',
        'rule: "sharing/*", consumer: a',
        'rule: "sharing/*", department: c',
    ],
)
def test_what_matches_nothing_is_an_orphan_and_accepts_nothing(
    written: Callable[..., Path], match: str
) -> None:
    report = judged(written(waiver(match)))
    assert rules(report) == [(FINDING, False), ("waivers/orphan", False)]
    assert report.outcome is Outcome.FAIL


def test_a_fingerprint_accepts_the_one_finding(written: Callable[..., Path]) -> None:
    (finding,) = judged(written()).findings
    report = judged(written(waiver(f'fingerprint: "{finding.fingerprint}"')))
    assert rules(report) == [(FINDING, True)]


def test_an_expired_waiver_accepts_nothing_and_is_found(written: Callable[..., Path]) -> None:
    root = written(waiver())
    assert rules(judged(root, datetime.date(2026, 12, 31))) == [(FINDING, True)]
    late = {**waiver(until="2026-10-31")}
    report = judged(written(late))
    assert rules(report) == [(FINDING, False), ("waivers/expired", False)]
    assert report.findings[1].evidence["findings"] == 1


def test_a_waiver_that_has_not_begun_accepts_nothing_and_is_no_orphan(
    written: Callable[..., Path],
) -> None:
    report = judged(written({"waivers.yaml": waiver()["waivers.yaml"].replace("10-01", "11-02")}))
    assert rules(report) == [(FINDING, False)]


@pytest.mark.parametrize("approver", ["Li Hua", "li  hua", "\uff2c\uff29 HUA", '"Li\\u200bHua"'])
def test_a_self_approved_waiver_accepts_nothing_and_is_an_error(
    written: Callable[..., Path], approver: str
) -> None:
    report = judged(written(waiver(approver=approver)))
    assert rules(report) == [(FINDING, False), ("waivers/self-approved", False)]
    assert report.outcome is Outcome.FAIL


def test_a_waiver_accepts_no_finding_about_a_waiver(written: Callable[..., Path]) -> None:
    second = waiver('rule: "waivers/*"')["waivers.yaml"].split("waivers:\n")[1]
    first = waiver(approver="Li Hua")["waivers.yaml"]
    report = judged(written({"waivers.yaml": first + second.replace("id: pilot", "id: second")}))
    assert ("waivers/self-approved", False) in rules(report)
    assert report.outcome is Outcome.FAIL


def test_a_waiver_accepts_nothing_that_could_not_be_judged(written: Callable[..., Path]) -> None:
    missing = {
        "headwater.yaml": (written() / "headwater.yaml").read_text(encoding="utf-8")
        + "checks: {server: local}\n",
        "contracts/people.odcs.yaml": (
            (written() / "contracts/people.odcs.yaml")
            .read_text(encoding="utf-8")
            .replace(
                "servers: [{",
                "servers: [{server: local, type: local, path: no.csv, format: csv}, {",
            )
            .replace(
                "logicalType: string, classification: general-2",
                "logicalType: string, required: true, classification: general-2",
            )
        ),
    }
    root = written({**missing, **waiver('rule: "checks/*"')})
    report = judged(root)
    assert ("checks/not-evaluated", False) in rules(report)
    assert report.outcome is Outcome.ERROR
    assert ("waivers/orphan", False) in rules(report)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": "2027-04-01"}, "waiver-too-long"),
        ({"until": "2026-09-30"}, "bad-range"),
        ({"approver": '"--"'}, "waiver-nobody"),
        ({"match": ""}, "waiver-of-what"),
        ({"match": 'rule: "*"'}, "waiver-of-everything"),
        ({"match": 'rule: "*/*", dataset: "*"'}, "waiver-of-everything"),
        ({"match": "fingerprint: abc"}, "bad-fingerprint"),
        ({"match": "rules: x, rule: y"}, "unknown-key"),
        ({"reason": '""'}, "empty"),
        ({"from": "2026-02-30"}, "bad-date"),
    ],
)
def test_what_is_wrong_with_a_waiver_is_said_where_it_stands(
    written: Callable[..., Path], changes: dict[str, str], code: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        load(written(waiver(**changes)))
    assert [each.code for each in caught.value.problems] == [code]
    position = caught.value.problems[0].position
    assert position is not None
    assert position.file == "waivers.yaml"
    assert position.line > 2


@pytest.mark.parametrize("key", ["id", "match", "reason", "owner", "approver", "from", "until"])
def test_every_key_of_a_waiver_is_mandatory(written: Callable[..., Path], key: str) -> None:
    lines = [
        line for line in waiver()["waivers.yaml"].splitlines()
        if not line.strip("- ").startswith(f"{key}:")
    ]  # fmt: skip
    if key == "id":
        lines[2] = lines[2].replace("    ", "  - ", 1)
    with pytest.raises(DocumentError) as caught:
        load(written({"waivers.yaml": "\n".join(lines) + "\n"}))
    assert [each.code for each in caught.value.problems] == ["missing-key"]


def test_a_waiver_may_last_180_days_and_no_longer(written: Callable[..., Path]) -> None:
    assert load(written(waiver(until="2027-03-30"))).workspace.waivers[0].until.year == 2027
    with pytest.raises(DocumentError):
        load(written(waiver(until="2027-03-31")))
