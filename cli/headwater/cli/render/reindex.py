"""What rebuilding the index came to, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.catalog.text import Language
    from headwater.lineage import Reindexed

_DONE = Text(
    "index rebuilt from the log: {events} events, {runs} runs, digest {digest}",
    "已依据日志重建索引：{events} 个事件，{runs} 次运行，摘要 {digest}",
)
_SAME = Text("the index was already what the log comes to", "原索引与日志一致")
_OTHER = Text("the index was not what the log comes to: it is now", "原索引与日志不一致，现已更正")


def reindex_text(found: Reindexed, language: Language) -> str:
    """Return two sentences."""
    done = _DONE.fill({"events": found.events, "runs": found.runs, "digest": found.after})
    verdict = _SAME if found.before == found.after else _OTHER
    return f"{done.in_(language)}\n{verdict.in_(language)}"


def reindex_json(found: Reindexed) -> str:
    """Return ``headwater/reindex/1``."""
    document = {
        "schema": "headwater/reindex/1",
        "events": found.events,
        "runs": found.runs,
        "before": found.before,
        "after": found.after,
        "changed": found.before != found.after,
    }
    return json_text(document)
