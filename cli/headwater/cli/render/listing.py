"""The list of policies, as a table and as ``headwater/policies/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.document import text_document
from headwater.cli.render.json_text import json_text
from headwater.cli.render.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.policy_list import Listed, Listing, Row
    from headwater.catalog.text import Language
    from headwater.policies.model import Dates

_KINDS = {
    "access-policy": Text("policy", "策略"),
    "retention-policy": Text("retention policy", "保存策略"),
    "exception": Text("exception", "例外"),
}
_HEAD = Text("{kind} `{id}`: {title}", "{kind} `{id}`：{title}")
_ABOUT = Text(
    "{owner}; {mode}; {dates}; {state}; basis: {basis}; {position}",
    "{owner}；{mode}；{dates}；{state}；依据：{basis}；{position}",
)
_OWNER = Text("owner: {owner}", "负责部门：{owner}")
_BUILT_IN = Text("built in", "内置")
_NO_BASIS = Text("none", "无")
_MODES = {"enforce": Text("enforced", "强制"), "advise": Text("advice only", "仅建议")}
_STATES = {True: Text("in force", "有效"), False: Text("not in force", "未在有效期")}
_EFFECTS = {
    "allow": Text("allow", "允许"),
    "deny": Text("deny", "拒绝"),
    "warn": Text("warn", "警告"),
    "at_most": Text("at most {term}", "最长 {term}"),
    "at_least": Text("at least {term}", "最短 {term}"),
    "excuse": Text("excuse", "豁免"),
}
_OWED = Text("`{rule}` obliges: {duty}", "`{rule}` 要求：{duty}")
_ALWAYS = Text("without end", "长期")
_FROM = Text("from {start}", "自 {start} 起")
_BETWEEN = Text("{start} to {until}", "{start} 至 {until}")
_TOTAL = Text(
    "{policies} policies, {rules} rules; in force on {day}: {current} ({revision})",
    "策略 {policies} 项，规则 {rules} 条；{day} 有效：{current} 项（{revision}）",
)


def listing_json(listing: Listing) -> str:
    """Return ``headwater/policies/1``."""
    return json_text(
        {
            "schema": "headwater/policies/1",
            "as_of": listing.as_of.isoformat(),
            "policy_revision": listing.revision,
            "policies": [_document(policy) for policy in listing.policies],
        }
    )


def _document(policy: Listed) -> dict[str, object]:
    start, until = policy.dates.start, policy.dates.until
    return {
        "kind": policy.kind,
        "id": policy.id,
        "title": text_document(policy.title),
        "owner": policy.owner,
        "basis": list(policy.basis),
        "mode": policy.mode,
        "effective": {
            "from": start.isoformat() if start else None,
            "until": until.isoformat() if until else None,
        },
        "in_force": policy.in_force,
        "location": policy.position.document(),
        "rules": [_row_document(row) for row in policy.rows],
    }


def _row_document(row: Row) -> dict[str, object]:
    return {
        "id": row.id,
        "effect": row.effect,
        "term": row.term,
        "message": text_document(row.says) if row.says else None,
        "when": text_document(row.when),
        "obligations": [document for document, _ in row.owed],
        "basis": list(row.basis),
        "location": row.position.document(),
    }


def listing_text(listing: Listing, language: Language) -> str:
    """Return a paragraph for each policy, with a table of its rules, and the number of them."""
    parts = ["\n".join(_lines(policy, listing, language)) for policy in listing.policies]
    values = {
        "policies": len(listing.policies),
        "rules": sum(len(policy.rows) for policy in listing.policies),
        "day": listing.as_of,
        "current": sum(policy.in_force for policy in listing.policies),
        "revision": listing.revision,
    }
    return "\n\n".join([*parts, _TOTAL.fill(values).in_(language)])


def _lines(policy: Listed, listing: Listing, language: Language) -> Iterator[str]:
    head = {"kind": _KINDS[policy.kind], "id": policy.id, "title": policy.title}
    yield visible(_HEAD.fill(head).in_(language))
    about = {
        "owner": _owner(policy, listing),
        "mode": _MODES[policy.mode],
        "dates": _dates(policy.dates),
        "state": _STATES[policy.in_force],
        "basis": list(policy.basis) or _NO_BASIS,
        "position": str(policy.position),
    }
    yield visible(f"  {_ABOUT.fill(about).in_(language)}")
    rows = [
        [
            row.id,
            _EFFECTS[row.effect].fill({"term": row.term}).in_(language),
            ", ".join(row.basis),
            str(row.position),
        ]
        for row in policy.rows
    ]
    yield from (f"    {line}" for line in table(rows)) if rows else ()
    for row in policy.rows:
        for _, said in row.owed:
            yield visible(f"    {_OWED.fill({'rule': row.id, 'duty': said}).in_(language)}")


def _owner(policy: Listed, listing: Listing) -> Text:
    from headwater.policies.words import value_words

    if policy.owner is None:
        return _BUILT_IN
    named = value_words("subject.department", policy.owner, listing.vocabulary)
    return _OWNER.fill({"owner": named})


def _dates(dates: Dates) -> Text:
    if dates.until:
        return _BETWEEN.fill({"start": dates.start or "…", "until": dates.until})
    return _FROM.fill({"start": dates.start}) if dates.start else _ALWAYS
