"""Which names are of one dataset: symlinks, renamings, and what must be kept apart.

A symlink says that two names are of one dataset; a renaming that one name gave way to another.
The dataset then has one name for every answer: that of its contract, else one that is said to be
a table, else one that is not said to be a place.

Two names are kept apart, whatever events say, where making them one could hide a flow: both have
a contract, or they belong to different departments. Their data is the same all the same, so an
edge joins them.

Source: OpenLineage SymlinksDatasetFacet 1-0-1, LifecycleStateChangeDatasetFacet 1-0-1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.ids import DatasetId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from headwater.lineage.model import Said


@dataclass(frozen=True, slots=True)
class Keeping:
    """What tells datasets apart.

    Attributes:
        described: Those that have a contract.
        department_of: Whose each is, or ``None``.
    """

    described: Collection[DatasetId] = frozenset()
    department_of: Callable[[DatasetId], str | None] = lambda _: None

    def may_join(self, names: Iterable[DatasetId]) -> bool:
        """Say whether ``names`` may be names of one dataset."""
        found = list(names)
        departments = {self.department_of(name) for name in found} - {None}
        return len(departments) <= 1 and sum(name in self.described for name in found) <= 1

    def may_give_way(self, old: DatasetId, new: DatasetId) -> bool:
        """Say whether ``new`` may stand for ``old``: nothing is lost that ``old`` alone has."""
        return old not in self.described and self.may_join((old, new))


EVERYTHING_ALIKE = Keeping()
"""Names are joined whenever events say so."""


@dataclass(slots=True)
class Renamings:
    """Renamings in time. A name that is written after it gave way is of something new."""

    keeping: Keeping
    _renamed: dict[DatasetId, list[tuple[str, DatasetId]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _written: dict[DatasetId, list[str]] = field(default_factory=lambda: defaultdict(list))

    def rename(self, old: DatasetId, new: DatasetId, moment: str) -> bool:
        """Take a renaming; say whether the old name may give way."""
        if old == new or not self.keeping.may_give_way(old, new):
            return False
        self._renamed[old].append((moment, new))
        self.write(new, moment)
        return True

    def write(self, name: DatasetId, moment: str) -> None:
        """Take that the dataset of this name was written."""
        self._written[name].append(moment)

    def settle(self) -> None:
        """Be told that everything was taken."""
        for times in (*self._renamed.values(), *self._written.values()):
            times.sort()  # type: ignore[attr-defined]

    def names(self) -> tuple[DatasetId, ...]:
        """Return every name that ever gave way, sorted."""
        return tuple(sorted(self._renamed))

    def at(self, name: DatasetId, moment: str) -> DatasetId:
        """Return the last name of what was called ``name`` at ``moment``."""
        passed: set[tuple[DatasetId, str]] = set()
        step = self._next(name, moment)
        while step and (name, step[0]) not in passed:
            passed.add((name, step[0]))
            moment, name = max(moment, step[0]), step[1]
            step = self._next(name, moment)
        return name

    def _next(self, name: DatasetId, moment: str) -> tuple[str, DatasetId] | None:
        """Return the renaming that ended the life of ``name`` which ``moment`` falls into."""
        for renamed, new in self._renamed.get(name, ()):
            born = self._born_after(name, renamed)
            if born is None or moment < born:
                return renamed, new
        return None

    def _born_after(self, name: DatasetId, moment: str) -> str | None:
        times = self._written.get(name, [])
        index = bisect_right(times, moment)
        return times[index] if index < len(times) else None


@dataclass(slots=True)
class Names:
    """Names that symlinks join: classes of names, kept by union and find."""

    keeping: Keeping
    _above: dict[DatasetId, DatasetId] = field(default_factory=dict)
    _kinds: dict[DatasetId, set[str]] = field(default_factory=lambda: defaultdict(set))
    _pairs: set[tuple[DatasetId, DatasetId]] = field(default_factory=set)

    def join(self, name: DatasetId, other: DatasetId, kind: str) -> None:
        """Take that ``other``, of this ``kind``, is another name of ``name``."""
        self._kinds[other].add(kind)
        if name != other:
            self._pairs.add((min(name, other), max(name, other)))
            first, second = sorted((self._root(name), self._root(other)))
            self._above[second] = first

    def _root(self, name: DatasetId) -> DatasetId:
        while (above := self._above.get(name, name)) != name:
            self._above[name] = self._above.get(above, above)
            name = above
        return name

    def canonical(self) -> dict[DatasetId, DatasetId]:
        """Return the name to use for each name that has a better one."""
        found: dict[DatasetId, DatasetId] = {}
        for names in self._classes().values():
            if self.keeping.may_join(names):
                best = min(names, key=self._rank)
                found.update((name, best) for name in names if name != best)
        return found

    def apart(self) -> Iterator[tuple[DatasetId, DatasetId]]:
        """Yield the pairs that symlinks join and that are kept apart, sorted."""
        classes = self._classes()
        for name, other in sorted(self._pairs):
            if not self.keeping.may_join(classes[self._root(name)]):
                yield name, other

    def _classes(self) -> dict[DatasetId, list[DatasetId]]:
        found: dict[DatasetId, list[DatasetId]] = defaultdict(list)
        for name in sorted({name for pair in self._pairs for name in pair}):
            found[self._root(name)].append(name)
        return found

    def _rank(self, name: DatasetId) -> tuple[bool, bool, bool, DatasetId]:
        kinds = self._kinds.get(name, set())
        place = "LOCATION" in kinds and "TABLE" not in kinds
        return (name not in self.keeping.described, "TABLE" not in kinds, place, name)


def names_of(
    said: Iterable[Said], keeping: Keeping, at: Callable[[DatasetId, str], DatasetId]
) -> Names:
    """Return the names that symlinks join; ``at`` is what a name of some moment became."""
    names = Names(keeping)
    for each in said:
        if each.statement.kind == "alias":
            namespace, name, other_namespace, other_name, kind = each.statement.words
            other = at(DatasetId(other_namespace, other_name), each.first)
            names.join(at(DatasetId(namespace, name), each.first), other, kind)
    return names
