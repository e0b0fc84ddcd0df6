"""What agreements say of one column on its way from one department to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.agreement_states import States
from headwater.app.conditions import asked_of, breaches, fitting, governing

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from headwater.app.conditions import Use
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement, Dataset, Grant, Workspace
    from headwater.catalog.position import Position

STATES = ("active", "expired", "pending", "terminated", "superseded", "draft", "none")
"""States of an agreement; the first that any agreement has is what is said of all of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a column stands between two departments.

    ``about`` are the agreements of the two that give anything of the dataset and have the state.
    ``state`` is one of :data:`STATES`; ``granting`` are the active agreements that give the
    column (of a whole dataset: anything of it); ``all_granted`` says whether every column asked
    for is given; ``position`` is where a person would change something.
    """

    state: str
    granting: tuple[Agreement, ...]
    all_granted: bool
    position: Position | None
    about: tuple[Agreement, ...] = ()

    @property
    def in_force(self) -> bool:
        """Whether an agreement is active."""
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class Onward:
    """The way of data through other departments: whose, through whom first, to whom, which."""

    provider: str
    recipients: tuple[str, ...]
    consumer: str
    origin: tuple[DatasetId, str | None]


class Agreements:
    """The agreements of a workspace, as they stand on one day."""

    def __init__(self, workspace: Workspace, as_of: datetime.date) -> None:
        self._workspace = workspace
        self._states = States(workspace, as_of)
        self._found: dict[tuple[str, str, DatasetId, str | None], Standing] = {}
        self._on: dict[
            tuple[tuple[str, str], DatasetId], list[tuple[Agreement, tuple[Grant, ...]]]
        ] = {}
        self._between: dict[tuple[str, str], list[Agreement]] = {}
        for agreement in workspace.agreements:
            pair = (agreement.provider, agreement.consumer)
            self._between.setdefault(pair, []).append(agreement)

    def standing(
        self, provider: str, consumer: str, dataset: DatasetId, column: str | None
    ) -> Standing:
        """Return how ``column`` (``None``: the whole dataset) stands between the two."""
        asked = (provider, consumer, dataset, column)
        found = self._found.get(asked)
        if found is None:
            found = self._found[asked] = self._standing((provider, consumer), dataset, column)
        return found

    def _standing(
        self, between: tuple[str, str], dataset: DatasetId, column: str | None
    ) -> Standing:
        described = self._workspace.datasets.get(dataset)
        about = self._agreements_on(between, dataset)
        states = {self.state_of(agreement) for agreement, _ in about}
        state = next((known for known in STATES if known in states), "none")
        active = [(a, g) for a, g in about if self.state_of(a) == "active"]
        granting = tuple(a for a, grants in active if _gives(grants, column))
        return Standing(
            state=state,
            granting=granting,
            all_granted=_all_given(active, described, column),
            position=self._position(about, state),
            about=tuple(a for a, _ in about if self.state_of(a) == state),
        )

    def _agreements_on(
        self, between: tuple[str, str], dataset: DatasetId
    ) -> list[tuple[Agreement, tuple[Grant, ...]]]:
        """Return the agreements of the two that give anything of the dataset, with these grants."""
        found = self._on.get((between, dataset))
        if found is None:
            described = self._workspace.datasets.get(dataset)
            found = self._on[between, dataset] = [
                (agreement, grants)
                for agreement in self._between.get(between, ())
                if (grants := _grants_of(agreement, described))
            ]
        return found

    def state_of(self, agreement: Agreement) -> str:
        """Return the agreement's state on the day."""
        return self._states.of(agreement)

    def _position(
        self, about: list[tuple[Agreement, tuple[Grant, ...]]], state: str
    ) -> Position | None:
        first = next(((a, g) for a, g in about if self.state_of(a) == state), None)
        if first is None:
            return None
        agreement, grants = first
        return grants[0].position if state == "active" else agreement.position

    def onward_granted(self, way: Onward) -> bool:
        """Say whether each first recipient may pass the column on to the consumer."""
        return all(
            self._passing_on(name, way.provider, way.consumer, way.origin)
            for name in way.recipients
        )

    def _passing_on(
        self, recipient: str, provider: str, consumer: str, origin: tuple[DatasetId, str | None]
    ) -> tuple[Agreement, ...]:
        return tuple(
            agreement
            for agreement in self.standing(provider, recipient, *origin).granting
            if agreement.onward is None or consumer in agreement.onward
        )

    def conditions(self, standing: Standing, use: Use) -> dict[str, object]:
        """Return what the governing agreement asks of ``use``, as facts of the context."""
        agreed = fitting(self._workspace, standing.granting, use.purpose)
        found = governing(agreed, use)
        if found is None:
            return {}
        ceiling: dict[str, object] = {"max_level": found.max_level} if found.max_level else {}
        return ceiling | asked_of([found], use)

    def onward_conditions(self, way: Onward, own: Standing, use: Use) -> dict[str, object]:
        """Return what is asked of a use by a department that the data reached through others.

        Those agreements count that let the first recipients pass it on; where they do not, or
        where an agreement of the two ends themselves asks nothing that is not met, that one.
        """
        of_own = fitting(self._workspace, own.granting, use.purpose)
        best = governing(of_own, use)
        firsts = [
            self._passing_on(name, way.provider, way.consumer, way.origin)
            for name in way.recipients
        ]
        if not all(firsts) or (best and not breaches(best, use)):
            return asked_of([best] if best else [], use)
        chosen = (governing(fitting(self._workspace, found, use.purpose), use) for found in firsts)
        return asked_of([each for each in chosen if each], use)

    def purpose_agreed(self, standing: Standing, purpose: str) -> bool:
        """Say whether ``purpose`` is, or lies under, one that a granting agreement names."""
        above = set(self._workspace.purpose_and_above(purpose))
        return any(above & set(agreement.purposes) for agreement in standing.granting)


def _grants_of(agreement: Agreement, dataset: Dataset | None) -> tuple[Grant, ...]:
    if dataset is None:
        return ()
    return tuple(grant for grant in agreement.grants if grant.covers(dataset))


def _gives(grants: Iterable[Grant], column: str | None) -> bool:
    if column is None:
        return True
    return any(grant.gives(column) for grant in grants)


def _all_given(
    active: list[tuple[Agreement, tuple[Grant, ...]]], dataset: Dataset | None, column: str | None
) -> bool:
    grants = [grant for _, found in active for grant in found]
    if column is not None:
        return _gives(grants, column)
    columns = dataset.columns if dataset else ()
    return bool(columns) and all(_gives(grants, each.name) for each in columns)
