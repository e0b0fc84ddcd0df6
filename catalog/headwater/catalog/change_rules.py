"""The ways in which a workspace can change: what each is called, and whom it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.position import Position

Perspective = Literal["consumer", "producer"]
PERSPECTIVES: tuple[Perspective, ...] = ("consumer", "producer")


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """One kind of change.

    Attributes:
        id: ``area/title``.
        breaks: Whose work it can break: who reads the data, who writes it; nobody's.
        text: What it says; blanks are filled with names in backticks.
    """

    id: str
    breaks: tuple[Perspective, ...]
    text: Text


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of a workspace.

    Attributes:
        rule: What kind.
        subject: What it is about: a contract, an agreement.
        values: What fills the text, and what machines read.
        position: Where it stands now; of what is gone, where it stood.
        before: Whether ``position`` is one of the workspace before.
    """

    rule: ChangeRule
    subject: tuple[str, str]
    values: Mapping[str, object]
    position: Position
    before: bool = False

    def order(self) -> tuple[object, ...]:
        """Return the sort key: what breaks first, then by rule and subject."""
        return (not self.rule.breaks, self.rule.id, self.subject, str(sorted(self.values.items())))


_C: tuple[Perspective, ...] = ("consumer",)
_P: tuple[Perspective, ...] = ("producer",)
_B = PERSPECTIVES
_N: tuple[Perspective, ...] = ()


def _rules(rows: Mapping[str, tuple[tuple[Perspective, ...], str, str]]) -> dict[str, ChangeRule]:
    return {name: ChangeRule(name, breaks, Text(en, zh)) for name, (breaks, en, zh) in rows.items()}


CHANGES = _rules(
    {
        "contracts/removed": (_C, "the contract {contract} is gone", "合同 {contract} 已删除"),
        "contracts/added": (_N, "the contract {contract} is new", "合同 {contract} 为新增"),
        "contracts/owner-changed": (
            _B,
            "the contract {contract} is now of {after}, not of {before}",
            "合同 {contract} 现属 {after}，原属 {before}",
        ),
        "contracts/status-changed": (
            _N,
            "the contract {contract} is now {after}, and was {before}",
            "合同 {contract} 的状态由 {before} 变为 {after}",
        ),
        "contracts/withdrawn": (
            _C,
            "the contract {contract} is now {after}, and was {before}",
            "合同 {contract} 的状态由 {before} 变为 {after}",
        ),
        "contracts/retention-changed": (
            _B,
            "the contract {contract} keeps data for {after}, and did for {before}",
            "合同 {contract} 的保存期限由 {before} 变为 {after}",
        ),
        "contracts/sla-changed": (
            _C,
            "the contract {contract} promises {name}: {after}, and did: {before}",
            "合同 {contract} 的服务承诺 {name} 由 {before} 变为 {after}",
        ),
        "contracts/dataset-removed": (
            _C,
            "{dataset} of the contract {contract} is gone",
            "合同 {contract} 的 {dataset} 已删除",
        ),
        "contracts/dataset-added": (
            _N,
            "{dataset} of the contract {contract} is new",
            "合同 {contract} 新增 {dataset}",
        ),
        "contracts/dataset-moved": (
            _C,
            "{dataset} of the contract {contract} is now {after}",
            "合同 {contract} 的 {dataset} 现为 {after}",
        ),
        "contracts/column-removed": (
            _C,
            "{dataset} has no column {column} any more",
            "{dataset} 不再有字段 {column}",
        ),
        "contracts/column-added": (
            _N,
            "{dataset} has the new column {column}",
            "{dataset} 新增字段 {column}",
        ),
        "contracts/required-column-added": (
            _P,
            "{dataset} has the new column {column}, and every row must have a value in it",
            "{dataset} 新增字段 {column}，且每行都须有值",
        ),
        "contracts/type-narrowed": (
            _P,
            "{column} of {dataset} is now of type {after}, narrower than {before}",
            "{dataset} 的 {column} 类型由 {before} 收窄为 {after}",
        ),
        "contracts/type-widened": (
            _C,
            "{column} of {dataset} is now of type {after}, wider than {before}",
            "{dataset} 的 {column} 类型由 {before} 放宽为 {after}",
        ),
        "contracts/type-changed": (
            _B,
            "{column} of {dataset} is now of type {after}, and was {before}",
            "{dataset} 的 {column} 类型由 {before} 变为 {after}",
        ),
        "contracts/limit-tightened": (
            _P,
            "{column} of {dataset} now has {name} {after}, tighter than {before}",
            "{dataset} 的 {column} 的 {name} 由 {before} 收紧为 {after}",
        ),
        "contracts/limit-loosened": (
            _C,
            "{column} of {dataset} now has {name} {after}, looser than {before}",
            "{dataset} 的 {column} 的 {name} 由 {before} 放宽为 {after}",
        ),
        "contracts/limit-changed": (
            _B,
            "{column} of {dataset} now has {name} {after}, and had {before}",
            "{dataset} 的 {column} 的 {name} 由 {before} 变为 {after}",
        ),
        "contracts/required-added": (
            _P,
            "every row of {dataset} must now have {column}",
            "{dataset} 的每行现在都须有 {column}",
        ),
        "contracts/required-removed": (
            _C,
            "rows of {dataset} may now lack {column}",
            "{dataset} 的行现在可以没有 {column}",
        ),
        "contracts/unique-added": (
            _P,
            "{column} of {dataset} must now be unique",
            "{dataset} 的 {column} 现在须唯一",
        ),
        "contracts/unique-removed": (
            _C,
            "{column} of {dataset} may now repeat",
            "{dataset} 的 {column} 现在可以重复",
        ),
        "contracts/quality-added": (
            _P,
            "{dataset} {column} has the new quality rule {name}",
            "{dataset} {column} 新增质量规则 {name}",
        ),
        "contracts/quality-removed": (
            _C,
            "{dataset} {column} has no quality rule {name} any more",
            "{dataset} {column} 不再有质量规则 {name}",
        ),
        "contracts/quality-tightened": (
            _P,
            "the quality rule {name} of {dataset} {column} now asks {after}, and asked {before}",
            "{dataset} {column} 的质量规则 {name} 由 {before} 收紧为 {after}",
        ),
        "contracts/quality-loosened": (
            _C,
            "the quality rule {name} of {dataset} {column} now asks {after}, and asked {before}",
            "{dataset} {column} 的质量规则 {name} 由 {before} 放宽为 {after}",
        ),
        "contracts/quality-changed": (
            _B,
            "the quality rule {name} of {dataset} {column} has changed",
            "{dataset} {column} 的质量规则 {name} 已变更",
        ),
        "labels/level-raised": (
            _C,
            "{column} of {dataset} is now of level {after}, and was {before}",
            "{dataset} 的 {column} 级别由 {before} 升为 {after}",
        ),
        "labels/level-lowered": (
            _N,
            "{column} of {dataset} is now of level {after}, and was {before}",
            "{dataset} 的 {column} 级别由 {before} 降为 {after}",
        ),
        "labels/category-added": (
            _C,
            "{column} of {dataset} is now of the category {after}",
            "{dataset} 的 {column} 现属类别 {after}",
        ),
        "labels/category-removed": (
            _N,
            "{column} of {dataset} is no longer of the category {before}",
            "{dataset} 的 {column} 不再属于类别 {before}",
        ),
        "agreements/added": (
            _N,
            "{provider} and {consumer} have the new agreement {agreement}",
            "{provider} 与 {consumer} 新增协议 {agreement}",
        ),
        "agreements/removed": (
            _C,
            "the agreement {agreement} of {provider} with {consumer} is gone",
            "{provider} 与 {consumer} 的协议 {agreement} 已删除",
        ),
        "agreements/parties-changed": (
            _C,
            "the agreement {agreement} is now between {after}, and was between {before}",
            "协议 {agreement} 的双方由 {before} 变为 {after}",
        ),
        "agreements/columns-granted": (
            _N,
            "the agreement {agreement} now grants {after} of {dataset}",
            "协议 {agreement} 现授权 {dataset} 的 {after}",
        ),
        "agreements/columns-withdrawn": (
            _C,
            "the agreement {agreement} no longer grants {before} of {dataset}",
            "协议 {agreement} 不再授权 {dataset} 的 {before}",
        ),
        "agreements/purposes-added": (
            _N,
            "the agreement {agreement} is now for {after} too",
            "协议 {agreement} 的用途现增加 {after}",
        ),
        "agreements/purposes-removed": (
            _C,
            "the agreement {agreement} is no longer for {before}",
            "协议 {agreement} 的用途不再包括 {before}",
        ),
        "agreements/shortened": (
            _C,
            "the agreement {agreement} now holds {after}, and held {before}",
            "协议 {agreement} 的有效期由 {before} 缩短为 {after}",
        ),
        "agreements/extended": (
            _N,
            "the agreement {agreement} now holds {after}, and held {before}",
            "协议 {agreement} 的有效期由 {before} 延长为 {after}",
        ),
        "agreements/put-out-of-force": (
            _C,
            "the agreement {agreement} is now {after}, and was {before}",
            "协议 {agreement} 的状态由 {before} 变为 {after}",
        ),
        "agreements/put-in-force": (
            _N,
            "the agreement {agreement} is now {after}, and was {before}",
            "协议 {agreement} 的状态由 {before} 变为 {after}",
        ),
        "agreements/level-raised": (
            _N,
            "the agreement {agreement} now allows levels up to {after}, and did up to {before}",
            "协议 {agreement} 允许的最高级别由 {before} 升为 {after}",
        ),
        "agreements/level-lowered": (
            _C,
            "the agreement {agreement} now allows levels up to {after}, and did up to {before}",
            "协议 {agreement} 允许的最高级别由 {before} 降为 {after}",
        ),
        "agreements/onward-added": (
            _N,
            "the agreement {agreement} now allows passing on to {after}",
            "协议 {agreement} 现允许转交 {after}",
        ),
        "agreements/onward-removed": (
            _C,
            "the agreement {agreement} no longer allows passing on to {before}",
            "协议 {agreement} 不再允许转交 {before}",
        ),
        "agreements/terms-changed": (
            _N,
            "the agreement {agreement} has changed in {name}",
            "协议 {agreement} 的 {name} 已变更",
        ),
    }
)
"""Every kind of change of contracts, declared labels and agreements."""
