"""What comparing two engines showed, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.policy_verify import Verified
    from headwater.catalog.text import Language
    from headwater.policies.verification import Difference

_COUNTS = Text(
    "{inputs} distinct inputs: {boundary} boundary, {recorded} recorded, {random} random",
    "{inputs} 个不同输入：边界 {boundary} 个，已记录 {recorded} 个，随机 {random} 个",
)
_REFUSED = Text(
    "{refused} values of a wrong type refused before any engine",
    "{refused} 个类型不符的值在进入引擎前被拒绝",
)
_ACCEPTED = Text("a value of a wrong type was taken for {names}", "{names} 接受了类型不符的值")
_COMPARED = Text(
    "compared whole: decisions of {ours} and {theirs}",
    "整体比较：{ours} 与 {theirs} 的决定",
)
_WITH_TERMS = Text(
    "compared whole: decisions and retention terms of {ours} and {theirs}",
    "整体比较：{ours} 与 {theirs} 的决定及保存期限",
)
_REGO = Text(
    "Rego modules, which only OPA evaluates: {count}, {files}; what they decide is not compared, "
    "that their refusals override is, in {refused} answers",
    "只有 OPA 能求值的 Rego 模块：{count} 个，{files}；不比较它们作出的判断，"
    "但比较了其拒绝优先，共 {refused} 个应答",
)
_EQUAL = Text("0 differences", "0 处差异")
_DIFFERENT = Text(
    "a difference in {about}, found on a {source} input; as of {as_of} the least that shows it is",
    "{about}存在差异，来自{source}输入；截至 {as_of}，能显示差异的最小输入是",
)
_ABOUT = {"decision": Text("decision", "决定"), "terms": Text("terms", "保存期限")}
_SOURCE = {
    "boundary": Text("boundary", "边界"),
    "recorded": Text("recorded", "已记录的"),
    "random": Text("random", "随机"),
}


def verification_text(verified: Verified, language: Language) -> str:
    """Return the counts, then `0 differences` or the first difference."""
    found = verified.found
    ours, theirs = (f"{name} {version}" for name, version in verified.engines)
    heading = _WITH_TERMS if verified.with_terms else _COMPARED
    lines = [
        heading.fill({"ours": ours, "theirs": theirs}),
        _COUNTS.fill({"inputs": sum(found.counts.values()), **found.counts}),
        _REFUSED.fill({"refused": found.refused}),
    ]
    if verified.modules:
        files = list(verified.modules)
        said = {"files": files, "count": len(files), "refused": verified.refused}
        lines.append(_REGO.fill(said))
    if found.accepted:
        lines.append(_ACCEPTED.fill({"names": list(found.accepted)}))
    if found.equal:
        lines.append(_EQUAL)
    shown = [visible(line.in_(language)) for line in lines]
    if found.difference is not None:
        shown += _difference(found.difference, (ours, theirs), language)
    return "\n".join(shown)


def _difference(difference: Difference, engines: tuple[str, str], language: Language) -> list[str]:
    values = {
        "about": _ABOUT[difference.about],
        "source": _SOURCE[difference.source],
        "as_of": difference.as_of.isoformat(),
    }
    lines = [_DIFFERENT.fill(values).in_(language), f"  {_shown(_document(difference))}"]
    for engine, answer in zip(engines, difference.answers, strict=True):
        lines.append(f"  {engine}: {_shown(answer)}")
    return [visible(line) for line in lines]


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _document(difference: Difference) -> dict[str, object]:
    from headwater.policies.samples import nested

    return nested(difference.facts.raw)


def verification_json(verified: Verified) -> str:
    """Return ``headwater/verification/1``."""
    found = verified.found
    difference = found.difference
    return json_text(
        {
            "schema": "headwater/verification/1",
            "equal": found.equal,
            "as_of": verified.as_of.isoformat(),
            "engines": [{"name": name, "version": said} for name, said in verified.engines],
            "policy_revision": verified.revision,
            "seed": verified.seed,
            "terms": verified.with_terms,
            "counts": dict(found.counts),
            "refused": found.refused,
            "accepted": list(found.accepted),
            "rego": {"not_compared": list(verified.modules), "refused": verified.refused},
            "difference": None
            if difference is None
            else {
                "source": difference.source,
                "about": difference.about,
                "as_of": difference.as_of.isoformat(),
                "facts": _document(difference),
                "answers": list(difference.answers),
            },
        }
    )
