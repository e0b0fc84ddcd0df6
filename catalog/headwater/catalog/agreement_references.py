"""Whether what an agreement's conditions name is there: columns, the agreement it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.problems import closest

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Agreement, Dataset, Workspace


def check_conditions(workspace: Workspace, agreement: Agreement, problems: Problems) -> None:
    """Add a problem for what an agreement's own words name and nothing answers to.

    A column that selects rows need not be granted; it must be there.
    """
    _check_superseded(workspace, agreement, problems)
    datasets = _datasets(workspace, agreement)
    if not datasets:
        return
    names = {column.name for dataset in datasets for column in dataset.columns}
    given = {name for name in names if any(grant.gives(name) for grant in agreement.grants)}
    for glob in agreement.terms.masked:
        if not any(glob.matches(name) for name in given):
            problems.add(
                "masked-not-granted",
                glob.position,
                pattern=glob.pattern,
                suggestion=closest(glob.pattern, given),
            )
    for limit in agreement.terms.rows:
        if limit.column not in names:
            problems.add(
                "no-such-row-column",
                limit.position,
                column=limit.column,
                suggestion=closest(limit.column, names),
            )


def _datasets(workspace: Workspace, agreement: Agreement) -> list[Dataset]:
    return [
        dataset
        for grant in agreement.grants
        if (contract := workspace.contracts.get(grant.contract))
        for dataset in contract.datasets
        if grant.covers(dataset)
    ]


def _check_superseded(workspace: Workspace, agreement: Agreement, problems: Problems) -> None:
    name = agreement.terms.supersedes
    before = next((each for each in workspace.agreements if each.id == name), None)
    parties = (agreement.provider, agreement.consumer)
    if before and (before.provider, before.consumer) != parties:
        problems.add(
            "supersedes-other-parties",
            agreement.terms.supersedes_at,
            id=name,
            provider=agreement.provider,
            consumer=agreement.consumer,
        )
