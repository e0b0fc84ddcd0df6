"""Use case: the page of a rule id or error code: what it means, why, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from headwater.catalog.errors import InputError
from headwater.catalog.problem_texts import CATALOGUE
from headwater.catalog.problems import closest
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.policies.model import AccessPolicy
    from headwater.policies.model import Rule as AccessRule

_CHINESE = "## 中文"
_FENCED = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*(?:/[a-z0-9][a-z0-9_.-]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page, as Markdown in both languages.

    ``kind`` says what the code is: a ``rule`` that findings carry, or an ``error`` that stopped
    a run.
    """

    code: str
    kind: Literal["rule", "error"]
    text: Text


def page(code: str, start: Path | None = None) -> Page:
    """Return the page of ``code``.

    Args:
        code: A rule id such as ``sharing/no-agreement``, or an error code such as ``bad-date``.
        start: A folder of the workspace whose own rules have pages too; ``None``: none.

    Raises:
        DocumentError: Files of the workspace are wrong.
        InputError: Nothing has this code.
    """
    if _ID.fullmatch(code):
        written = pages_folder() / f"{code}.md"
        if written.is_file():
            return Page(code, "rule", _written(written.read_text(encoding="utf-8"), code))
        if code in CATALOGUE:
            return Page(code, "error", _of_error(code))
    own = _own_rules(start)
    if code in own:
        return Page(code, "rule", _of_own(*own[code]))
    known = [*codes(), *own]
    raise InputError.of("no-such-code", name=code, suggestion=closest(code, known, 0.5))


def codes() -> tuple[str, ...]:
    """Return every code that has a page without a workspace, sorted: rules first, then errors."""
    folder = pages_folder()
    written = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.md")}
    return (*sorted(written | set(BUILT_IN)), *sorted(CATALOGUE))


def pages_folder() -> Path:
    """Return where the pages of rules are: beside this module when installed, else in docs."""
    here = Path(__file__).resolve()
    installed = here.parent / "rules"
    return installed if installed.is_dir() else here.parents[3] / "docs" / "rules"


def _written(page: str, code: str) -> Text:
    """Return a page in its two languages; the examples belong to both."""
    english, _, chinese = page.partition(_CHINESE)
    examples = "\n\n".join(_FENCED.findall(english))
    parts = (f"# {code}", chinese.strip(), *([f"## 示例\n\n{examples}"] if examples else []))
    return Text(english.strip(), "\n\n".join(parts))


def _of_error(code: str) -> Text:
    message, hint = CATALOGUE[code]
    english = [f"# {code}", "## Summary", message.en]
    chinese = [f"# {code}", "## 概要", message.zh]
    if hint:
        english += ["## What to do", hint.en]
        chinese += ["## 处理办法", hint.zh]
    english += ["## Exit code", "2: headwater could not judge."]
    chinese += ["## 退出码", "2：headwater 无法判定。"]
    return Text("\n\n".join(english), "\n\n".join(chinese))


def _own_rules(start: Path | None) -> dict[str, tuple[AccessPolicy, AccessRule]]:
    if start is None:
        return {}
    from headwater.app.loading import load

    return {rule.id: (policy, rule) for policy, rule in load(start).policies.access_rules()}


def _of_own(policy: AccessPolicy, rule: AccessRule) -> Text:
    from headwater.app.catalogue import NO_REMEDY

    message = rule.message or policy.title
    remedy = rule.remedy or NO_REMEDY.fill({"owner": policy.owner})
    basis = ", ".join(rule.basis) or "–"
    where = str(rule.position)
    return Text(
        f"# {rule.id}\n\n## Summary\n\n{message.en}\n\n## Why\n\n{policy.title.en}; owner:"
        f" {policy.owner}; basis: {basis}\n\n## What to do when it fires\n\n{remedy.en}\n\n"
        f"## Settings\n\n{where}; effect: {rule.effect}; mode: {policy.mode}",
        f"# {rule.id}\n\n## 概要\n\n{message.zh}\n\n## 原因\n\n{policy.title.zh}；负责部门："
        f"{policy.owner}；依据：{basis}\n\n## 处理办法\n\n{remedy.zh}\n\n"
        f"## 设置\n\n{where}；效果：{rule.effect}；模式：{policy.mode}",
    )
