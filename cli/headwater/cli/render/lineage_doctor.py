"""Answers to ``lineage doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.view import Sheet, envelope, sealed

if TYPE_CHECKING:
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.catalog.text import Language
    from headwater.lineage.doctor import Diagnosis, Symptom

_HEAD = Text(
    "as of {as_of}: things to look at {number} ({whole})",
    "截至 {as_of}：需要查看 {number} 项（{whole}）",
)
_WELL = Text("as of {as_of}: nothing looks wrong ({whole})", "截至 {as_of}：未发现异常（{whole}）")
COMPLAINTS = {
    "two-names": Text("probably one dataset under two names", "可能是同一数据集的两个名称"),
    "stale": Text("not seen for more than {days} days", "超过 {days} 天未再出现"),
    "ceased": Text("the job has since run without this step", "该作业后来的运行已不含此步骤"),
    "no-department": Text("datasets of no department", "无部门的数据集"),
    "no-owner": Text("datasets without an owner", "无负责人的数据集"),
    "implied-only": Text(
        "only implied: a job reads one and writes the other, nothing more is known",
        "仅为推断：只知作业读取前者、写出后者",
    ),
    "job-without-lineage": Text("jobs without lineage", "没有血缘的作业"),
    "not-understood": Text("what is not understood", "无法理解的内容"),
    "taken-in-part": Text("what is known only in part", "仅部分已知的内容"),
}
_SEEN = Text("last seen {last}", "最近 {last}")
_HEADS = (
    *("complaint", "namespace", "name", "other_namespace", "other_name"),
    *("job_namespace", "job_name", "last_seen", "file", "line", "message"),
)


@dataclass(frozen=True)
class DiagnosisView:
    """What looks wrong in the lineage, ready to be written."""

    found: Diagnosis

    def document(self) -> dict[str, object]:
        """Return ``headwater/doctor/1``."""
        found = self.found
        return sealed(
            {
                **envelope("doctor", found.filters, found.log, found.limits),
                "stale_after": found.stale_after,
                "symptoms": [_document(symptom) for symptom in found.symptoms],
            }
        )

    def text(self, language: Language) -> str:
        """Return the symptoms under their complaints."""
        found = self.found
        values = {
            "as_of": found.as_of,
            "number": len(found.symptoms),
            "days": found.stale_after,
            "whole": verdict(found.limits),
        }
        head = _HEAD if found.symptoms else _WELL
        lines = [head.fill(values).in_(language)]
        before = None
        for symptom in found.symptoms:
            if symptom.complaint != before:
                before = symptom.complaint
                lines.append(COMPLAINTS[before].fill(values).in_(language))
            lines.append(visible("  " + _sentence(symptom, language)))
        return "\n".join(lines)

    def sheet(self) -> Sheet:
        """Return one row for each symptom; of more than two names one for each further name."""
        rows = []
        for symptom in self.found.symptoms:
            subjects: tuple[DatasetId | None, ...] = symptom.subjects or (None,)
            first, *others = subjects
            job, seen = symptom.job, symptom.last_seen
            at, message = _note(symptom)
            ends = (
                *(job.namespace if job else None, job.name if job else None, seen),
                *(at.file if at else None, at.line if at else None),
                message,
            )
            here = first.key() if first else (None, None)
            rows += [
                (symptom.complaint, *here, *(other.key() if other else (None, None)), *ends)
                for other in (others or [None])
            ]
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> None:
        """Return nothing: symptoms are no graph."""

    def edges(self) -> None:
        """Return nothing: symptoms are no lineage."""


def _document(symptom: Symptom) -> dict[str, object]:
    job = symptom.job
    return {
        "complaint": symptom.complaint,
        "datasets": [dataset.document() for dataset in symptom.subjects],
        "job": {"namespace": job.namespace, "name": job.name} if job else None,
        "last_seen": symptom.last_seen,
        **(_note_document(symptom) if symptom.note else {}),
    }


def _note_document(symptom: Symptom) -> dict[str, object]:
    at, message = _note(symptom)
    words = {"en": message.en, "zh": message.zh} if message else None
    return {"location": at.document() if at else None, "message": words}


def _note(symptom: Symptom) -> tuple[Position | None, Text | None]:
    return (symptom.note.position, symptom.note.message) if symptom.note else (None, None)


def _sentence(symptom: Symptom, language: Language) -> str:
    between = " = " if symptom.complaint == "two-names" else " -> "
    parts = [between.join(map(str, symptom.subjects))] if symptom.subjects else []
    if symptom.job:
        parts.append(str(symptom.job))
    at, message = _note(symptom)
    if message:
        colon = "：" if language == "zh" else ": "
        parts.append(f"{at}{colon}{message.in_(language)}" if at else message.in_(language))
    if symptom.last_seen:
        parts.append(_SEEN.fill({"last": symptom.last_seen}).in_(language))
    return ("；" if language == "zh" else "; ").join(parts)
