"""Plans of data checks, as text, ``headwater/data-plan/1`` and ``headwater/data-explanation/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.data_checks import check_document
from headwater.cli.render.document import text_document

if TYPE_CHECKING:
    from headwater.app.data_checks import DataPlan
    from headwater.catalog.text import Language
    from headwater.checks import CheckResult, DatasetChecks

_TOTAL = Text(
    "files {files}, readings {readings}, checks {checks}, of which left to Great Expectations "
    "on pandas {left}",
    "文件 {files}，扫描 {readings}，检查 {checks}，"
    "其中由 Great Expectations 在 pandas 上执行 {left}",
)
_SEEN = Text("{file}, seen as {view}: checks {checks}", "{file}，视图 {view}：检查 {checks}")
_HOW = {
    "scan": Text("an aggregate of the one reading", "一次扫描中的聚合"),
    "values": Text("from the distinct values that the reading counts", "由扫描得到的不同取值推出"),
    "key": Text("a reading of its own, for uniqueness", "为唯一性单独扫描一次"),
    "gx-pandas": Text(
        "Great Expectations' own code on pandas", "由 Great Expectations 在 pandas 上执行"
    ),
}
_BY_PEOPLE = Text("people attest to it", "由人确认")


def plan_document(plan: DataPlan) -> dict[str, object]:
    """Return ``headwater/data-plan/1``."""
    return {
        "schema": "headwater/data-plan/1",
        "counts": _counts(plan),
        "files": [
            {
                "file": outline.file,
                "view": outline.view,
                "queries": list(outline.queries),
                "checks": dict(sorted(outline.how.items())),
            }
            for outline in plan.outlines
        ],
    }


def _counts(plan: DataPlan) -> dict[str, object]:
    how = [way for outline in plan.outlines for way in outline.how.values()]
    return {
        "files": len({outline.file for outline in plan.outlines}),
        "readings": sum(len(outline.queries) for outline in plan.outlines),
        "checks": len(how),
        "left": how.count("gx-pandas"),
    }


def plan_text(plan: DataPlan, language: Language) -> str:
    """Return each query, and the totals as the last line."""
    lines: list[str] = []
    for outline in plan.outlines:
        values = {"file": outline.file, "view": outline.view, "checks": len(outline.how)}
        lines.append(visible(_SEEN.fill(values).in_(language)))
        lines += [f"  {visible(query)}" for query in outline.queries]
    return "\n".join([*lines, _TOTAL.fill(_counts(plan)).in_(language)])


def explain_document(plan: DataPlan) -> dict[str, object]:
    """Return ``headwater/data-explanation/1``."""
    how = _ways(plan)
    return {
        "schema": "headwater/data-explanation/1",
        "datasets": [
            {
                **found.dataset.document(),
                "contract": found.contract,
                "checks": [_explained(result, how) for result in found.results],
            }
            for found in plan.datasets
        ],
    }


def _explained(result: CheckResult, how: dict[str, str]) -> dict[str, object]:
    found = {
        **check_document(result.check),
        "kwargs": dict(result.check.kwargs),
        "view": result.check.view,
    }
    way = how.get(result.check.key)
    if way:
        return {**found, "measured": way}
    if result.status == "manual":
        return {**found, "measured": "manual"}
    return {**found, "reason": text_document(result.reason)} if result.reason else found


def explain_text(plan: DataPlan, language: Language) -> str:
    """Return two lines for each check: what and where, and how."""
    lines: list[str] = []
    how = _ways(plan)
    for found in plan.datasets:
        lines.append(visible(str(found.dataset)))
        lines += _said(found, how, language)
    return "\n".join(lines)


def _said(found: DatasetChecks, how: dict[str, str], language: Language) -> list[str]:
    lines: list[str] = []
    for result in found.results:
        check = result.check
        way = _HOW.get(how.get(check.key, ""))
        text = way or (_BY_PEOPLE if result.status == "manual" else result.reason)
        marks = [check.severity, check.dimension, *check.tags]
        title = f"  {check.title.in_(language)} [{', '.join(mark for mark in marks if mark)}]"
        lines.append(visible(f"{title} ({check.position})"))
        arguments = ", ".join(f"{name}={value!r}" for name, value in check.kwargs.items())
        lines.append(visible(f"    {check.expectation}({arguments})"))
        if text:
            lines.append(visible(f"    {text.in_(language)}"))
    return lines


def _ways(plan: DataPlan) -> dict[str, str]:
    """Return how each check is measured; of one dataset, as the keys are."""
    return {key: way for outline in plan.outlines for key, way in outline.how.items()}
