"""The catalogue of rule ids: what may be found, how much it weighs, and what to do.

Built-in rules stand here; the rules of the pack ``sharing`` and of a workspace's own policies
stand in their YAML and join through :func:`headwater.app.catalogue`. Every rule id has a page
under ``docs/rules/<area>/<title>.md`` and an example that triggers it (tested).
"""

from __future__ import annotations

from headwater.catalog.findings import Severity
from headwater.catalog.rule import Rule
from headwater.catalog.rules_labels import LABEL_RULES
from headwater.catalog.text import Text

__all__ = ["BUILT_IN", "Rule"]

_T = Text

BUILT_IN: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        *LABEL_RULES,
        Rule(
            "catalog/no-contract",
            Severity.WARNING,
            _T(
                "`{dataset}` of {department} reaches {consumers} and has no data contract",
                "{department} 的 `{dataset}` 流向 {consumers}，但没有数据合同",
            ),
            _T(
                "write an ODCS contract for it: columns, their levels and categories, checks",
                "请为它编写 ODCS 数据合同：字段、级别、类别与检查",
            ),
            ("DSL-21",),
        ),
        Rule(
            "catalog/no-department",
            Severity.WARNING,
            _T(
                "`{dataset}` takes part in lineage, and no department answers for it",
                "`{dataset}` 出现在血缘中，但没有部门对其负责",
            ),
            _T(
                "add it to `namespaces` in headwater.yaml with the department that answers for it",
                "请在 headwater.yaml 的 `namespaces` 中写明负责的部门",
            ),
            ("DSL-27",),
        ),
        Rule(
            "checks/failed",
            Severity.ERROR,
            _T(
                "`{dataset}`: {check}: not so, {found}",
                "`{dataset}`：{check}：不符合，{found}",
            ),
            _T(
                "correct the data at its source, or change the contract with its consumers",
                "请在源头更正数据，或与使用部门一同修改合同",
            ),
            ("PIPL-8",),
        ),
        Rule(
            "checks/not-evaluated",
            Severity.ERROR,
            _T(
                "`{dataset}`: {check} could not be evaluated: {reason}",
                "`{dataset}`：{check} 无法评估：{reason}",
            ),
            _T(
                "make it possible to evaluate it; until then it counts as not passed",
                "请使其可以评估；在此之前视为未通过",
            ),
            judged=False,
        ),
        Rule(
            "lineage/not-understood",
            Severity.ERROR,
            _T(
                "lineage that is not understood: {reason}; flows may be missing",
                "血缘内容无法理解：{reason}；可能遗漏了流动",
            ),
            _T(
                "correct what writes this file; until then lineage answers are not complete",
                "请更正写出该文件的程序；在此之前血缘的回答不完整",
            ),
            ("DSL-27",),
        ),
        Rule(
            "lineage/taken-in-part",
            Severity.NOTE,
            _T("lineage known only in part: {reason}", "血缘仅部分已知：{reason}"),
            _T(
                "describe the tables in contracts, or give the columns names",
                "请在合同中描述这些表，或为字段命名",
            ),
        ),
        Rule(
            "retention/expired",
            Severity.ERROR,
            _T(
                "`{dataset}`: records past their term of {period} since `{column}`: {records}",
                "`{dataset}`：自 `{column}` 起已超过 {period} 保存期限的记录：{records} 条",
            ),
            _T("what the policy asks for: {then}", "策略要求：{then}"),
            ("PIPL-19",),
        ),
        Rule(
            "retention/not-evaluated",
            Severity.ERROR,
            _T(
                "`{dataset}`: the term of {rule} could not be evaluated: {reason}",
                "`{dataset}`：{rule} 的期限无法评估：{reason}",
            ),
            _T(
                "make the column readable as dates, or give the rule another `since`",
                "请使该字段可读作日期，或为规则指定另一个 `since`",
            ),
            judged=False,
        ),
        Rule(
            "sharing/implied-only",
            Severity.WARNING,
            _T(
                "{consumer} may take from `{dataset}` of {provider}: a job lists it as an input "
                "and does not say what becomes of its columns; if they flow, {rules} would "
                "refuse it: {reason}",
                "{consumer}可能取用了{provider}的 `{dataset}`：作业将其列为输入，"
                "却没有说明其字段的去向；若确有流动，{rules} 将予拒绝：{reason}",
            ),
            _T(
                "let the job report its column lineage; then it is judged by what it does",
                "请让作业报告字段级血缘，再据实判定",
            ),
            ("DSL-27",),
        ),
        Rule(
            "sharing/not-allowed",
            Severity.ERROR,
            _T(
                "nothing allows {consumer} to use {columns} of `{dataset}`",
                "没有规则允许{consumer}使用 `{dataset}` 的 {columns}",
            ),
            _T(
                "agree on it, or write the rule that allows it",
                "请就此达成协议，或编写允许它的规则",
            ),
        ),
        Rule(
            "waivers/expired",
            Severity.WARNING,
            _T(
                "the waiver `{waiver}` of {owner} ended on {until}; "
                "findings that count again: {matches}",
                "{owner} 的豁免 `{waiver}` 已于 {until} 到期；重新计入的发现：{matches} 条",
            ),
            _T(
                "take it out, and mend what it accepted; who still needs it must ask again",
                "请将其删除，并解决其所接受的问题；仍有需要的须重新申请",
            ),
        ),
        Rule(
            "waivers/orphan",
            Severity.WARNING,
            _T(
                "the waiver `{waiver}` of {owner} accepts nothing that was found",
                "{owner} 的豁免 `{waiver}` 未对应任何发现",
            ),
            _T(
                "take it out: what it accepted is mended, or its pattern is wrong",
                "请将其删除：其所接受的问题已解决，或其匹配条件有误",
            ),
        ),
        Rule(
            "waivers/self-approved",
            Severity.ERROR,
            _T(
                "the waiver `{waiver}` was approved by its own owner, {owner}, and accepts nothing",
                "豁免 `{waiver}` 由其所有者 {owner} 自行批准，不予采纳",
            ),
            _T("let somebody else approve it", "请由他人批准"),
        ),
    )
}

IMPLIED_ONLY = "sharing/implied-only"
"""Switched off, what is only implied weighs as much as what was observed."""
