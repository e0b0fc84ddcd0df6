"""What is said of each kind of change, in both languages, and where it would be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.remedies import Remedy, draft
from headwater.catalog.text import Text
from headwater.catalog.witness import Change

if TYPE_CHECKING:
    from headwater.catalog.model import Agreement, Workspace
    from headwater.catalog.position import Position

_T = Text
_TEXTS = {
    "grant-columns": _T(
        "add {names} to the columns that `{agreement}` grants ({place})",
        "在 `{agreement}` 授权的字段中加入 {names}（{place}）",
    ),
    "add-purposes": _T(
        "add {purposes} to the purposes of `{agreement}` ({place})",
        "在 `{agreement}` 的用途中加入 {purposes}（{place}）",
    ),
    "add-onward": _T(
        "name {names} under `onward` in `{agreement}` ({place})",
        "在 `{agreement}` 的 `onward` 中写明 {names}（{place}）",
    ),
    "raise-level": _T(
        "raise `max_level` of `{agreement}` to `{value}` ({place})",
        "将 `{agreement}` 的 `max_level` 提高至 `{value}`（{place}）",
    ),
    "new-agreement": _T(
        "agree on {names} of `{dataset}` between `{provider}` and `{consumer}` for {purposes}",
        "由 `{provider}` 与 `{consumer}` 就 `{dataset}` 的 {names} 签订协议，用途为 {purposes}",
    ),
    "write-contract": _T(
        "write a data contract for `{dataset}`; without one nothing can be agreed on",
        "为 `{dataset}` 编写数据合同；没有合同就无从约定",
    ),
    "state-purpose": _T(
        "state the purpose `{value}` for the job `{job}` under `jobs` ({place})",
        "在 `jobs` 中写明作业 `{job}` 的用途 `{value}`（{place}）",
    ),
    "change-purpose": _T(
        "let the job `{job}` use it for `{value}` and for nothing else",
        "让作业 `{job}` 仅将其用于 `{value}`",
    ),
    "mask": _T(
        "let the job `{job}` mask {names} on every path",
        "让作业 `{job}` 在每条路径上对 {names} 脱敏",
    ),
    "report-columns": _T(
        "let the job `{job}` report its column lineage when it runs",
        "让作业 `{job}` 在运行时报告字段级血缘",
    ),
    "stop-point": _T(
        "declare a stop-point at the job `{job}` that lowers {names} to `{value}`, with its proof",
        "在作业 `{job}` 处声明停点，将 {names} 降至 `{value}`，并附证明",
    ),
    "pass-checks": _T(
        "correct the data of `{dataset}` until its checks pass ({place})",
        "更正 `{dataset}` 的数据，直至通过检查（{place}）",
    ),
    "state-checks": _T(
        "state in the contract of `{dataset}` what must hold, and let it pass ({place})",
        "在 `{dataset}` 的合同中写明检查要求，并使其通过（{place}）",
    ),
    "state-level": _T(
        "state the level of {names} in the contract of `{dataset}`; up to `{value}` it passes "
        "({place})",
        "在 `{dataset}` 的合同中写明 {names} 的级别；不高于 `{value}` 即可通过（{place}）",
    ),
}
_IN_FORCE = {
    "expired": _T(
        "extend `valid.until` of `{agreement}` ({place})",
        "延长 `{agreement}` 的 `valid.until`（{place}）",
    ),
    "pending": _T(
        "let `{agreement}` begin: set `valid.from` ({place})",
        "使 `{agreement}` 生效：调整 `valid.from`（{place}）",
    ),
    "draft": _T(
        "let both departments sign `{agreement}` ({place})",
        "由双方部门签署 `{agreement}`（{place}）",
    ),
}
_RENEW = _T(
    "put `{agreement}` in force again, or replace it ({place})",
    "使 `{agreement}` 重新生效，或另行签订（{place}）",
)


def change_of(remedy: Remedy, workspace: Workspace) -> Change:
    """Return what to say of a change to ``workspace``."""
    place = _place(remedy, workspace)
    values = _values(remedy)
    shown: dict[str, object] = {
        **{name: value for name, value in values.items() if not isinstance(value, list)},
        "names": [f"`{name}`" for name in sorted(remedy.names)],
        "purposes": [f"`{name}`" for name in sorted(remedy.purposes)],
        "dataset": remedy.dataset.name if remedy.dataset else "",
        "job": remedy.job.name if remedy.job else "",
        "value": remedy.value,
        "place": str(place) if place else "",
    }
    text = _TEXTS.get(remedy.kind) or _IN_FORCE.get(remedy.value, _RENEW)
    file = draft(remedy, workspace, None) if remedy.kind == "new-agreement" else None
    return Change(remedy.kind, text.fill(shown), place, values, file)


def _values(remedy: Remedy) -> dict[str, object]:
    found: dict[str, object] = {"agreement": remedy.agreement}
    if remedy.parties:
        found |= {"provider": remedy.parties[0], "consumer": remedy.parties[1]}
    found["dataset"] = remedy.dataset.document() if remedy.dataset else None
    if remedy.job:
        found["job"] = {"namespace": remedy.job.namespace, "name": remedy.job.name}
    names = "departments" if remedy.kind == "add-onward" else "columns"
    found[names] = sorted(remedy.names)
    found["purposes"] = sorted(remedy.purposes)
    found["value"] = remedy.value
    return {name: value for name, value in found.items() if value}


def _place(remedy: Remedy, workspace: Workspace) -> Position | None:
    if remedy.agreement:
        agreement = next(each for each in workspace.agreements if each.id == remedy.agreement)
        return _in_agreement(remedy, agreement)
    if remedy.kind == "state-purpose":
        return workspace.position
    if remedy.dataset and remedy.kind in ("pass-checks", "state-checks", "state-level"):
        described = workspace.datasets.get(remedy.dataset)
        column = described.column(min(remedy.names)) if described and remedy.names else None
        found = column or described
        return found.position if found else None
    return None


def _in_agreement(remedy: Remedy, agreement: Agreement) -> Position:
    if remedy.kind == "grant-columns":
        return agreement.grants[remedy.grant or 0].position
    if remedy.kind == "add-purposes":
        known = [agreement.places[name] for name in agreement.purposes if name in agreement.places]
        return min(known, default=agreement.position)
    return agreement.position
