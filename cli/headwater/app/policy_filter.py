"""Use case: which rows and columns of one dataset a subject may read, as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.app.conditions import Use
from headwater.app.policy_flow import check_states
from headwater.app.questions import labels_of
from headwater.app.sharing import Agreements
from headwater.catalog.errors import InputError, UnknownNameError
from headwater.catalog.position import Position
from headwater.catalog.problems import closest

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.app.loading import Loaded
    from headwater.catalog.model import Column, Dataset, Workspace
    from headwater.policies import Vocabulary
    from headwater.policies.row_filter import Asked, RowFilter

MAX_SUBJECT = 1024 * 1024
_CHECKS = "context.checks"


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks to read what, for what, and where in the table attributes of a row are.

    Attributes:
        subject: JSON, or the path of a file that holds it.
        dataset: The dataset, as a person names it.
        columns_map: ``ATTRIBUTE=COLUMN``, one for each attribute that rows have.
        context: JSON or a file: facts of the context that are known otherwise.
        table: The table's name, parts joined by dots; ``None``: as the dataset is called.
    """

    subject: str
    dataset: str
    action: str = "read"
    purpose: str | None = None
    columns_map: tuple[str, ...] = ()
    context: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Filtered:
    """The filter, and what it is of."""

    as_of: datetime.date
    revision: str
    dataset: Dataset
    facts: Mapping[str, object]
    mapped: Mapping[str, str]
    found: RowFilter
    vocabulary: Vocabulary


def filter_dataset(
    loaded: Loaded, request: Request, *, dialect: str, as_of: datetime.date
) -> Filtered:
    """Return the filter that ``request`` asks for.

    Raises:
        InputError: The request does not fit the vocabulary, or has no SQL in the dialect.
        UnknownNameError: There is no such dataset or column.
    """
    from headwater.policies import Vocabulary
    from headwater.policies.row_filter import Table, filter_rows
    from headwater.policies.sql_dialects import SQL

    workspace, policies = loaded.workspace, loaded.policies
    vocabulary = Vocabulary.of(workspace)
    dataset = _dataset(workspace, request.dataset)
    mapped = _mapped(request.columns_map, dataset, vocabulary)
    asker = _Asker(loaded, request, dataset, as_of)
    asked = asker.asked(vocabulary, frozenset(mapped))
    parts = tuple((request.table or dataset.id.name).split("."))
    found = filter_rows(policies, vocabulary, SQL[dialect], Table(parts, mapped), asked)
    return Filtered(
        as_of, policies.revision, dataset, asker.document(None), mapped, found, vocabulary
    )


def _dataset(workspace: Workspace, reference: str) -> Dataset:
    known = workspace.datasets
    found = [each for each in sorted(known) if each.answers_to(reference)]
    found = [each for each in found if str(each) == reference] or found
    if not found:
        names = {each.name.rsplit(".", 1)[-1] for each in known}
        near = closest(reference.rsplit(".", 1)[-1], names)
        raise UnknownNameError.of("unknown-dataset", name=reference, suggestion=near)
    if len(found) > 1:
        names_ = [f"`{each}`" for each in found]
        raise UnknownNameError.of("ambiguous-dataset", name=reference, known=names_)
    return known[found[0]]


def _mapped(texts: Iterable[str], dataset: Dataset, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the column of each attribute that rows have."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, column = text.partition("=")
        attribute = vocabulary.attributes.get(name)
        fits = attribute is not None and name.startswith("resource.") and not attribute.multiple
        if not equals or not column or not fits or name in found:
            near = closest(name, (each for each in vocabulary.attributes if "resource." in each))
            raise InputError.of("filter-map", text=text, suggestion=None if fits else near)
        known = [each.name for each in dataset.columns]
        if known and column not in known:
            near = closest(column, known)
            raise UnknownNameError.of(
                "unknown-column", dataset=dataset.id, name=column, suggestion=near
            )
        found[name] = column
    return found


class _Asker:
    def __init__(
        self, loaded: Loaded, request: Request, dataset: Dataset, as_of: datetime.date
    ) -> None:
        self._loaded = loaded
        self._workspace = loaded.workspace
        self._request = request
        self._dataset = dataset
        self._as_of = as_of
        self._agreements = Agreements(loaded.workspace, as_of)
        self._subject = self._said_subject()
        self._given = _object(request.context) if request.context else {}
        self._checks: str | None = None

    def asked(self, vocabulary: Vocabulary, free: frozenset[str]) -> list[Asked]:
        """Return one question a column; the data checks are run only where they matter."""
        from headwater.policies.partial import leave, reads

        found = self._columns(vocabulary)
        policies = self._loaded.policies
        open_ = free | {_CHECKS}
        if _CHECKS.partition(".")[2] not in self._given and any(
            _CHECKS in reads(leave(policies, each.facts.values, open_).when) for each in found
        ):
            states = check_states(self._workspace, [self._dataset.id])
            self._checks = states.get(self._dataset.id, "missing")
            found = self._columns(vocabulary)
        return found

    def _columns(self, vocabulary: Vocabulary) -> list[Asked]:
        from headwater.policies import normalise
        from headwater.policies.row_filter import Asked

        columns: Sequence[Column | None] = self._dataset.columns or (None,)
        return [
            Asked(
                column.name if column else None,
                column.logical_type if column else None,
                column.categories if column else (),
                normalise(self.document(column), vocabulary, self._as_of),
            )
            for column in columns
        ]

    def document(self, column: Column | None) -> dict[str, Any]:
        """Return the facts of one column; of the whole dataset for ``None``."""
        return {
            "action": self._request.action,
            "subject": self._subject,
            "resource": self._resource(column),
            "context": {**self._context(column), **self._given},
        }

    def _said_subject(self) -> dict[str, object]:
        said = _object(self._request.subject)
        name = said.get("department")
        if not isinstance(name, str):
            raise InputError.of("filter-subject")
        department = self._workspace.departments.get(name)
        if department is None:
            return said
        known = {
            "level": department.level,
            "region": department.region,
            "clearance": department.clearance,
        }
        return known | said

    def _resource(self, column: Column | None) -> dict[str, object]:
        dataset = self._dataset
        owner = self._workspace.department_of(dataset.id) or dataset.department
        provider = self._workspace.departments[owner]
        found: dict[str, object] = {
            "department": provider.id,
            "region": provider.region,
            "namespace": dataset.id.namespace,
            "name": dataset.id.name,
            "contract": dataset.contract,
            **labels_of([column] if column else dataset.columns),
        }
        return found | ({"column": column.name} if column else {})

    def _context(self, column: Column | None) -> dict[str, object]:
        name = column.name if column else None
        owner = self._workspace.department_of(self._dataset.id) or self._dataset.department
        consumer = str(self._subject["department"])
        own = self._agreements.standing(owner, consumer, self._dataset.id, name)
        purpose = self._request.purpose
        found: dict[str, object] = {
            "agreement": own.state,
            "granted": own.all_granted,
            "masked": False,
            "purpose": purpose,
            "checks": self._checks,
        }
        if purpose and own.granting:
            found["purpose_agreed"] = self._agreements.purpose_agreed(own, purpose)
        return found | self._agreements.conditions(own, self._use(column))

    def _use(self, column: Column | None) -> Use:
        region = self._subject.get("region")
        level = self._resource(column).get("level")
        names = tuple(each.name for each in self._dataset.columns)
        return Use(
            purpose=self._request.purpose,
            level=level if isinstance(level, str) else None,
            masked=False,
            region=region if isinstance(region, str) else "",
            columns=(column.name,) if column else names,
        )


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object that ``text`` is, or that the file of this name holds."""
    import msgspec

    data = text.encode(errors="replace") if text.lstrip().startswith("{") else _read(text)
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        reason = str(error) or "it is nested too deeply"
        raise InputError.of("bad-json", Position("<input>"), reason=reason) from error
    if not isinstance(found, dict):
        raise InputError.of("filter-subject")
    return found


def _read(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_SUBJECT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not the name of a file"
        raise InputError.of("file-unreadable", path=name[:200], reason=reason) from error
    if len(data) > MAX_SUBJECT:
        raise InputError.of("file-too-large", limit=MAX_SUBJECT)
    return data
