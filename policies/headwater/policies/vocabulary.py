"""The attributes that conditions may speak of, and the names that their values may take.

Every attribute is declared here: its kind, what it says, whether it may be absent from a flow.
What is not declared cannot be asked, and a misspelt name is a problem, never a silent *unknown*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from headwater.catalog.model import ADMINISTRATIVE, LEVELS
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.model import Workspace


class Kind(StrEnum):
    """What an attribute's value is."""

    TEXT = "text"
    REGION = "region"
    NUMBER = "number"
    YES_NO = "yes/no"
    CHOICE = "choice"
    LEVEL = "level"
    ADMINISTRATIVE = "administrative level"
    DEPARTMENT = "department"
    PURPOSE = "purpose"
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
    Kind.YES_NO: "true 或 false",
    Kind.CHOICE: "选项",
    Kind.LEVEL: "数据级别",
    Kind.ADMINISTRATIVE: "行政级别",
    Kind.DEPARTMENT: "部门",
    Kind.PURPOSE: "用途",
    Kind.CATEGORIES: "类别集合",
    Kind.DEPARTMENTS: "部门集合",
}

LARGEST = 2**53
"""Beyond it, not every reader of JSON keeps a number whole."""

REGION = re.compile(r"[0-9]{6}")
"""A code of GB/T 2260."""

ORDERED = frozenset({Kind.LEVEL, Kind.ADMINISTRATIVE, Kind.NUMBER})
TREES = frozenset({Kind.DEPARTMENT, Kind.PURPOSE})
SETS = frozenset({Kind.CATEGORIES, Kind.DEPARTMENTS})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing a condition may ask about.

    Attributes:
        name: ``action``, or ``subject.department`` and the like.
        choices: The values of a choice, or the ordered names of a level, lowest first.
        optional: Whether a complete flow may be without it.
    """

    name: str
    kind: Kind
    about: Text
    choices: tuple[str, ...] = ()
    optional: bool = False

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


def _declare(
    name: str, kind: Kind, en: str, zh: str, *choices: str, optional: bool = False
) -> Attribute:
    given = {Kind.LEVEL: LEVELS, Kind.ADMINISTRATIVE: ADMINISTRATIVE}.get(kind, choices)
    return Attribute(name, kind, Text(en, zh), given, optional)


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


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The attributes, with the departments, purposes and categories of one workspace.

    ``departments`` and ``purposes`` give for every id the chain from itself to its root.
    ``names`` gives what people call a department or a purpose, by kind and id.
    """

    departments: Mapping[str, tuple[str, ...]]
    purposes: Mapping[str, tuple[str, ...]]
    categories: tuple[str, ...]
    names: Mapping[tuple[Kind, str], Text]

    @classmethod
    def of(cls, workspace: Workspace) -> Vocabulary:
        """Return the vocabulary of ``workspace``."""
        names = {(Kind.DEPARTMENT, d.id): d.name for d in workspace.departments.values()}
        names |= {(Kind.PURPOSE, p.id): p.name for p in workspace.purposes.values()}
        return cls(
            {name: workspace.department_and_above(name) for name in workspace.departments},
            {name: workspace.purpose_and_above(name) for name in workspace.purposes},
            workspace.categories,
            names,
        )

    def known(self, attribute: Attribute) -> tuple[str, ...] | None:
        """Return the names that values of ``attribute`` may take; ``None`` where any will do."""
        match attribute.kind:
            case Kind.DEPARTMENT | Kind.DEPARTMENTS:
                return tuple(self.departments)
            case Kind.PURPOSE:
                return tuple(self.purposes)
            case Kind.CATEGORIES:
                return self.categories
            case Kind.CHOICE | Kind.LEVEL | Kind.ADMINISTRATIVE:
                return attribute.choices
            case _:
                return None

    def chain(self, kind: Kind, name: str) -> tuple[str, ...]:
        """Return ``name`` and all it lies under; itself alone where it is not declared."""
        tree = self.departments if kind is Kind.DEPARTMENT else self.purposes
        return tree.get(name, (name,))
