"""The nearest allow, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.policies import Vocabulary
    from headwater.policies.changes import Change
    from headwater.policies.nearest import Nearest, Search

_NEAREST = Text(
    "it would be allowed, by {rules}, if {changes}",
    "若{changes}，即可依据 {rules} 得到允许",
)
_CHANGE = Text("{noun} were {after} (now: {before})", "{noun}改为“{after}”（现为“{before}”）")
_STATE = Text("it were true that {state}", "{state}")
_AND = Text(", and ", "，且")
PROVED = Text(
    "proved: decided again with these changes, it is allowed",
    "已证实：按这些更改重新判定，结果为允许",
)
_ASSUMED = Text(
    "taken as they are, though they may change along: {facts}",
    "以下事实按现状计，但可能随之改变：{facts}",
)
_FACT = Text("{noun} ({value})", "{noun}（{value}）")
NONE = Text(
    "no change that people can bring about would make it allowed",
    "人所能作出的任何改变都不会使其得到允许",
)
GAVE_UP = Text(
    "no small change was found that would make it allowed; the search was not finished",
    "未找到使其得到允许的小改变；搜索未能穷尽",
)


def nearest_text(nearest: Nearest, vocabulary: Vocabulary) -> Text:
    """Return *it would be allowed if …*."""
    changes = joined([change_text(change, vocabulary) for change in nearest.changes])
    return _NEAREST.fill({"rules": [f"`{rule}`" for rule in nearest.rules], "changes": changes})


def change_text(change: Change, vocabulary: Vocabulary) -> Text:
    """Return what one fact would have to be, and what it is."""
    from headwater.policies.words import noun, shown, state

    name = change.attribute
    so = state(name, change.after)
    if so is not None:
        return _STATE.fill({"state": so})
    before = shown(name, change.before, vocabulary)
    after = shown(name, change.after, vocabulary)
    return _CHANGE.fill({"noun": noun(name, vocabulary), "before": before, "after": after})


def assumed_text(nearest: Nearest, vocabulary: Vocabulary) -> Text | None:
    """Return which facts the proof takes as they are, if it is worth saying."""
    from headwater.policies.words import listed, noun, shown

    if not nearest.assumed:
        return None
    facts = listed(
        _FACT.fill(
            {
                "noun": noun(name, vocabulary),
                "value": shown(name, nearest.facts.raw.get(name), vocabulary),
            }
        )
        for name in nearest.assumed
    )
    return _ASSUMED.fill({"facts": facts})


def absence_text(search: Search) -> Text:
    """Return that nothing was found, and whether everything was looked at."""
    return NONE if search.complete else GAVE_UP


def joined(parts: list[Text]) -> Text:
    """Return several conditions as one."""
    return Text(_AND.en.join(part.en for part in parts), _AND.zh.join(part.zh for part in parts))
