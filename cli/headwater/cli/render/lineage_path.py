"""Answers to ``lineage path`` and ``lineage why``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.view import (
    EDGE_HEADS,
    Picture,
    Sheet,
    dataset_of,
    edge_cells,
    edge_document,
    edge_picture,
    envelope,
    node_document,
    sealed,
    short,
)
from headwater.cli.render.words import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language
    from headwater.lineage.model import Edge
    from headwater.lineage.paths import PathAnswer, Step

_NONE = Text(
    "no path leads from {start} to {goal} ({whole})", "没有从 {start} 到 {goal} 的路径（{whole}）"
)
_HEAD = Text("from {start} to {goal} ({whole})", "从 {start} 到 {goal}（{whole}）")
_SHORTEST = Text("a shortest path, steps: {hops}", "最短路径，步数：{hops}")
_PATHS = Text("paths: {paths}", "路径数：{paths}")
_MORE = Text("paths: {paths} or more", "路径数：不少于 {paths}")
_CYCLIC = Text("cycles lie between; each counts as one place", "途中存在环路；每个环路按一处计")
_CHOKES = Text(
    "choke points, one rule there governs all paths: {names}",
    "必经之处（在此设一条规则即可管住全部路径）：{names}",
)
_NO_CHOKES = Text(
    "no choke point: no place between them lies on every path",
    "没有必经之处：两者之间没有任何一处位于全部路径上",
)
_CUT = Text("fewest steps to cut all paths: {number}", "切断全部路径所需的最少步骤：{number}")
_MASKED, _INDIRECT = Text("masked", "已脱敏"), Text("indirect", "间接")

_WHY = Text(
    "data of {start} reaches {goal} in steps: {hops} ({whole})",
    "{start} 的数据经以下步骤到达 {goal}，步数：{hops}（{whole}）",
)
_STEP = {
    True: Text(
        "the job {job} wrote {target} from {source}{how}",
        "作业 {job} 由 {source} 写出 {target}{how}",
    ),
    False: Text(
        "the job {job} used {source} to choose or order what it wrote to {target}{how}",
        "作业 {job} 用 {source} 筛选或排序写入 {target} 的数据{how}",
    ),
}
_HOW_MASKED = Text(", masked", "，经脱敏")
_SEEN = Text(
    "{evidence}; runs {runs}; first seen {first}, last {last}",
    "{evidence}；运行 {runs}；首次 {first}，最近 {last}",
)
_SAID = Text(
    "{evidence}; first said {first}, last {last}",
    "{evidence}；首次声明 {first}，最近 {last}",
)
_PURPOSE = Text("for the purpose {purpose}", "用途为 {purpose}")
_NO_PURPOSE = Text("no purpose is stated", "未写明用途")
_AT = Text("stated at {file}:{line}", "见 {file}:{line}")
_RUNS = 3


@dataclass(frozen=True)
class PathView:
    """The ways from one node to another, ready to be written."""

    answer: PathAnswer
    department_of: Callable[[DatasetId], str | None]

    def document(self) -> dict[str, object]:
        """Return ``headwater/path/1``."""
        answer = self.answer
        return sealed(
            {
                **envelope("path", answer.filters, answer.log, answer.limits),
                "from": node_document(answer.start),
                "to": node_document(answer.goal),
                "found": bool(answer.steps),
                "paths": answer.paths,
                "cyclic": answer.cyclic,
                "steps": [
                    {
                        "from": node_document(step.source),
                        "to": node_document(step.target),
                        "edges": [edge_document(edge) for edge in step.edges],
                    }
                    for step in answer.steps
                ],
                "choke_points": [
                    {**node_document(node), "department": self.department_of(dataset_of(node))}
                    for node in answer.choke_points
                ],
                "cut": [
                    {"from": node_document(source), "to": node_document(target)}
                    for source, target in answer.cut
                ],
                "nodes": [node_document(node) for node in answer.nodes],
            }
        )

    def text(self, language: Language) -> str:
        """Return a shortest path step by step, the number of paths, and where to stop them."""
        answer = self.answer
        values = self._values()
        if not answer.steps:
            return "\n".join([_NONE.fill(values).in_(language), *self._limits()])
        lines = [_HEAD, _SHORTEST]
        written = [line.fill(values).in_(language) for line in lines]
        written.append(f"  {visible(str(answer.steps[0].source))}")
        written += [_arrow(step, language) for step in answer.steps]
        counted = _MORE if answer.paths >= 10**15 else _PATHS
        written.append(counted.fill(values).in_(language))
        if answer.cyclic:
            written.append(_CYCLIC.in_(language))
        chokes = _CHOKES if answer.choke_points else _NO_CHOKES
        written.append(chokes.fill(values).in_(language))
        written.append(_CUT.fill({"number": len(answer.cut)}).in_(language))
        written += [visible(f"  {source} -> {target}") for source, target in answer.cut]
        return "\n".join([*written, *self._limits()])

    def _values(self) -> dict[str, object]:
        answer = self.answer
        return {
            "start": answer.start,
            "goal": answer.goal,
            "hops": len(answer.steps),
            "paths": answer.paths,
            "names": [short(node) for node in answer.choke_points],
            "whole": verdict(answer.limits),
        }

    def _limits(self) -> list[str]:
        return [f"  ... {visible(limit)}" for limit in self.answer.limits]

    def sheet(self) -> Sheet:
        """Return one row for each edge of the shortest path, with the step's number."""
        rows = (
            (number, *edge_cells(edge, self.department_of))
            for number, step in enumerate(self.answer.steps, 1)
            for edge in step.edges
        )
        return Sheet(("step", *EDGE_HEADS), tuple(rows))

    def picture(self) -> Picture:
        """Return everything between the two; ends and choke points are set off."""
        answer = self.answer
        marked = (answer.start, answer.goal, *answer.choke_points)
        return edge_picture(answer.edges, self.department_of, nodes=answer.nodes, marked=marked)

    def edges(self) -> tuple[Edge, ...]:
        """Return every edge between the two."""
        return self.answer.edges


def _arrow(step: Step, language: Language) -> str:
    best = step.edges[0]
    marks = [best.job.name, EVIDENCE[best.evidence].in_(language)]
    if all(edge.masked for edge in step.edges):
        marks.append(_MASKED.in_(language))
    if all(edge.kind == "indirect" for edge in step.edges):
        marks.append(_INDIRECT.in_(language))
    between = "，" if language == "zh" else ", "
    return visible(f"  -> {step.target}  [{between.join(marks)}]")


@dataclass(frozen=True)
class WhyView(PathView):
    """The shortest path in sentences, ready to be written."""

    def document(self) -> dict[str, object]:
        """Return ``headwater/why/1``: the path, and each step's sentence in both languages."""
        answer = self.answer
        return sealed(
            {
                **envelope("why", answer.filters, answer.log, answer.limits),
                "from": node_document(answer.start),
                "to": node_document(answer.goal),
                "found": bool(answer.steps),
                "steps": [
                    {
                        "from": node_document(step.source),
                        "to": node_document(step.target),
                        "sentences": [{"en": text.en, "zh": text.zh} for text in sentences(step)],
                        "edges": [edge_document(edge) for edge in step.edges],
                    }
                    for step in answer.steps
                ],
            }
        )

    def text(self, language: Language) -> str:
        """Return the sentences, numbered by step."""
        answer = self.answer
        values = self._values()
        if not answer.steps:
            return "\n".join([_NONE.fill(values).in_(language), *self._limits()])
        lines = [_WHY.fill(values).in_(language)]
        for number, step in enumerate(answer.steps, 1):
            first, *rest = sentences(step)
            lines.append(visible(f"{number}. {first.in_(language)}"))
            lines += [visible(f"   {text.in_(language)}") for text in rest]
        return "\n".join([*lines, *self._limits()])

    def sheet(self) -> Sheet:
        """Return one row for each step, with its sentence."""
        rows = (
            (
                number,
                *edge_cells(step.edges[0], self.department_of),
                ", ".join(step.edges[0].runs[-_RUNS:]),
                sentences(step)[0],
            )
            for number, step in enumerate(self.answer.steps, 1)
        )
        return Sheet(("step", *EDGE_HEADS, "runs", "sentence"), tuple(rows))

    def picture(self) -> Picture:
        """Return the shortest path alone."""
        marked = (self.answer.start, self.answer.goal)
        return edge_picture(self.edges(), self.department_of, marked=marked)

    def edges(self) -> tuple[Edge, ...]:
        """Return the edges of the shortest path."""
        return tuple(edge for step in self.answer.steps for edge in step.edges)


def sentences(step: Step) -> tuple[Text, ...]:
    """Return who made a step, how it is known, for what purpose, and where it is written."""
    edge = step.edges[0]
    how = _HOW_MASKED if all(found.masked for found in step.edges) else Text("", "")
    values = {
        "job": f"{edge.job.namespace}/{edge.job.name}",
        "source": short(step.source),
        "target": short(step.target),
        "how": how,
        "evidence": EVIDENCE[edge.evidence],
        "runs": _runs(edge),
        "first": edge.first_seen,
        "last": edge.last_seen,
        "purpose": edge.purpose,
    }
    observed = edge.evidence != "declared"
    found = [_STEP[edge.kind == "direct"], _SEEN if observed else _SAID]
    found.append(_PURPOSE if edge.purpose else _NO_PURPOSE)
    written = [text.fill(values) for text in found]
    if edge.position:
        place = {"file": edge.position.file, "line": edge.position.line}
        written.append(_AT.fill(place))
    return tuple(written)


def _runs(edge: Edge) -> str:
    more = len(edge.runs) - _RUNS
    shown = ", ".join(edge.runs[-_RUNS:])
    return f"{shown} (+{more})" if more > 0 else shown
