"""The attributes that every workspace has: kinds of value, and what conditions may speak of.

Every attribute is declared: its kind, what it says, whether it may be absent from a flow. What is
not declared cannot be asked, and a misspelt name is a problem, never a silent *unknown*. A
workspace adds its own in files of kind ``vocabulary``, see :mod:`.own_attributes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from headwater.catalog.model import ADMINISTRATIVE, LEVELS
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.position import Position


class Kind(StrEnum):
    """What an attribute's value is."""

    TEXT = "text"
    REGION = "region"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes/no"
    CHOICE = "choice"
    LEVEL = "level"
    ADMINISTRATIVE = "administrative level"
    DEPARTMENT = "department"
    PURPOSE = "purpose"
    SET = "set of texts"
    CATEGORIES = "set of categories"
    DEPARTMENTS = "set of departments"

    @property
    def text(self) -> Text:
        """The kind in both languages."""
        return Text(self.value, _KINDS_ZH[self])


_KINDS_ZH = {
    Kind.TEXT: "文本",
    Kind.REGION: "六位行政区划代码",
    Kind.NUMBER: "数字",
    Kind.DATE: "日期",
    Kind.YES_NO: "true 或 false",
    Kind.CHOICE: "选项",
    Kind.LEVEL: "数据级别",
    Kind.ADMINISTRATIVE: "行政级别",
    Kind.DEPARTMENT: "部门",
    Kind.PURPOSE: "用途",
    Kind.SET: "文本集合",
    Kind.CATEGORIES: "类别集合",
    Kind.DEPARTMENTS: "部门集合",
}

TYPES = {
    "choice": Kind.CHOICE,
    "date": Kind.DATE,
    "department": Kind.DEPARTMENT,
    "level": Kind.LEVEL,
    "number": Kind.NUMBER,
    "purpose": Kind.PURPOSE,
    "set": Kind.SET,
    "text": Kind.TEXT,
    "yes-no": Kind.YES_NO,
}
"""What a workspace may say is the ``type`` of an attribute of its own."""

LARGEST = 2**53
"""Beyond it, not every reader of JSON keeps a number whole."""

REGION = re.compile(r"[0-9]{6}")
"""A code of GB/T 2260."""

RANKED = frozenset({Kind.LEVEL, Kind.ADMINISTRATIVE})
ORDERED = RANKED | {Kind.NUMBER, Kind.DATE}
TREES = frozenset({Kind.DEPARTMENT, Kind.PURPOSE})
SETS = frozenset({Kind.SET, Kind.CATEGORIES, Kind.DEPARTMENTS})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing a condition may ask about.

    Attributes:
        name: ``action``, or ``subject.department`` and the like.
        choices: The values of a choice, or of a set where they are listed; the ordered names of
            a level, lowest first.
        optional: Whether a complete flow may be without it.
        position: Where a workspace declares it; ``None`` of those that every workspace has.
    """

    name: str
    kind: Kind
    about: Text
    choices: tuple[str, ...] = ()
    optional: bool = False
    position: Position | None = field(default=None, compare=False)

    @property
    def multiple(self) -> bool:
        """Whether its value is a set."""
        return self.kind in SETS

    def rank(self, value: str) -> int:
        """Return the place of a level's name, from 1 for the lowest.

        Example:
            >>> ATTRIBUTES["resource.level"].rank("core")
            6
        """
        return self.choices.index(value) + 1


RANKS = {Kind.LEVEL: LEVELS, Kind.ADMINISTRATIVE: ADMINISTRATIVE}
"""The names of ordered levels, lowest first."""


def _declare(
    name: str, kind: Kind, en: str, zh: str, *choices: str, optional: bool = False
) -> Attribute:
    return Attribute(name, kind, Text(en, zh), RANKS.get(kind, choices), optional)


_K = Kind

ATTRIBUTES: dict[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        _declare("action", _K.CHOICE, "what is asked", "所请求的操作", "read", "share", "export"),
        _declare("subject.department", _K.DEPARTMENT, "who asks", "请求的部门"),
        _declare(
            "subject.level", _K.ADMINISTRATIVE, "the asking department's level", "请求部门的层级"
        ),
        _declare("subject.region", _K.REGION, "the asking department's region", "请求部门的区划"),
        _declare(
            "subject.clearance",
            _K.LEVEL,
            "the highest level the asking department may see",
            "请求部门可见的最高数据级别",
        ),
        _declare("resource.department", _K.DEPARTMENT, "whose data it is", "数据所属部门"),
        _declare(
            "resource.region", _K.REGION, "the providing department's region", "提供部门的区划"
        ),
        _declare("resource.namespace", _K.TEXT, "the dataset's namespace", "数据集的命名空间"),
        _declare("resource.name", _K.TEXT, "the dataset's name", "数据集名称"),
        _declare(
            "resource.contract",
            _K.TEXT,
            "the data contract that describes it",
            "描述该数据集的数据合同",
            optional=True,
        ),
        _declare("resource.column", _K.TEXT, "the column", "字段", optional=True),
        _declare(
            "resource.level",
            _K.LEVEL,
            "the data's effective level",
            "数据的实际级别",
            optional=True,
        ),
        _declare(
            "resource.categories",
            _K.CATEGORIES,
            "the data's effective categories",
            "数据的实际类别",
            optional=True,
        ),
        _declare("context.purpose", _K.PURPOSE, "what it is for", "用途", optional=True),
        _declare(
            "context.agreement",
            _K.CHOICE,
            "the state of the agreement between the two departments",
            "两部门间协议的状态",
            "active",
            "expired",
            "pending",
            "terminated",
            "superseded",
            "draft",
            "none",
        ),
        _declare(
            "context.granted",
            _K.YES_NO,
            "whether an active agreement grants the column",
            "有效协议是否授权该字段",
        ),
        _declare(
            "context.purpose_agreed",
            _K.YES_NO,
            "whether the purpose is one that was agreed",
            "用途是否已约定",
            optional=True,
        ),
        _declare(
            "context.max_level",
            _K.LEVEL,
            "the agreement's highest level",
            "协议约定的最高级别",
            optional=True,
        ),
        _declare(
            "context.masking_required",
            _K.YES_NO,
            "whether the agreement gives this data masked only",
            "协议是否只授权脱敏后的该数据",
            optional=True,
        ),
        _declare(
            "context.min_k",
            _K.NUMBER,
            "the smallest group of people that the agreement allows",
            "协议允许的最小人群规模",
            optional=True,
        ),
        _declare(
            "context.k",
            _K.NUMBER,
            "the smallest group of people in the data, as a check has proved it",
            "经检查证明的数据中最小人群规模",
            optional=True,
        ),
        _declare(
            "context.location_agreed",
            _K.YES_NO,
            "whether the asking department lies where the agreement lets the data be",
            "请求部门是否位于协议允许的地域",
            optional=True,
        ),
        _declare(
            "context.rows_limited",
            _K.YES_NO,
            "whether the agreement gives only some rows",
            "协议是否只授权部分行",
            optional=True,
        ),
        _declare(
            "context.checks",
            _K.CHOICE,
            "the state of the dataset's data checks",
            "数据集检查的状态",
            "passing",
            "failing",
            "missing",
        ),
        _declare(
            "context.evidence",
            _K.CHOICE,
            "how the flow is known",
            "流动的依据",
            "observed",
            "declared",
            "implied",
        ),
        _declare(
            "context.influence", _K.CHOICE, "how the data is used", "使用方式", "direct", "indirect"
        ),
        _declare(
            "context.via",
            _K.DEPARTMENTS,
            "the departments between the two",
            "途经的部门",
            optional=True,
        ),
        _declare(
            "context.onward_granted",
            _K.YES_NO,
            "whether the first agreement allows passing the data on to this department",
            "最初的协议是否允许转给该部门",
            optional=True,
        ),
        _declare("context.hops", _K.NUMBER, "steps of the shortest path", "最短路径的步数"),
        _declare(
            "context.masked", _K.YES_NO, "whether every path is masked", "是否每条路径都已脱敏"
        ),
    )
}
"""Every attribute, in the order in which people read them."""

GROUPS = ("subject", "resource", "context")
