"""``waivers.yaml``: findings that someone accepts, for a reason and for a while."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, Problems
from headwater.catalog.globs import Glob
from headwater.catalog.shapes import DATE, ID, inner, keys, mapping, pattern, some, text, title
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.nodes import Mapping, Node
    from headwater.catalog.position import Position

LONGEST = 180
"""How many days a waiver may last."""

_FINGERPRINT = "^[0-9a-f]{32}$"
_GLOBS = ("rule", "dataset", "provider", "consumer", "department")
_MATCH = {name: text() for name in _GLOBS}

WAIVERS = mapping(
    {
        "kind": {"const": "waivers"},
        "waivers": some(
            mapping(
                {
                    "id": pattern(ID),
                    "match": mapping({"fingerprint": pattern(_FINGERPRINT), **_MATCH})
                    | {"anyOf": [{"required": ["fingerprint"]}, {"required": ["rule"]}]},
                    "reason": title(),
                    "owner": text(),
                    "approver": text(),
                    "from": pattern(DATE),
                    "until": pattern(DATE),
                },
                ("id", "match", "reason", "owner", "approver", "from", "until"),
            )
        ),
    },
    ("kind", "waivers"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """Which findings a waiver is about: all that is said must fit.

    ``rule`` is a glob over rule ids, ``dataset`` one over names, with or without the namespace,
    of the dataset or of either end of the flow; the others are globs over departments.
    """

    fingerprint: str | None
    rule: Glob | None
    dataset: Glob | None = None
    provider: Glob | None = None
    consumer: Glob | None = None
    department: Glob | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Accepts findings, from one day until another, both included."""

    id: str
    match: Match
    reason: Text
    owner: str
    approver: str
    start: datetime.date
    until: datetime.date
    position: Position = field(compare=False)

    @property
    def self_approved(self) -> bool:
        """Whether its owner approved it too, however the name is written."""
        return _plain(self.owner) == _plain(self.approver)

    def expired(self, as_of: datetime.date) -> bool:
        """Say whether it is over on a day."""
        return as_of > self.until

    def pending(self, as_of: datetime.date) -> bool:
        """Say whether it has not begun on a day."""
        return as_of < self.start

    def counts(self, as_of: datetime.date) -> bool:
        """Say whether it accepts anything on a day."""
        return not (self.self_approved or self.expired(as_of) or self.pending(as_of))

    def document(self) -> dict[str, object]:
        """Return the JSON form: who accepts, why, until when, and where it says so."""
        return {
            "id": self.id,
            "reason": {"en": self.reason.en, "zh": self.reason.zh},
            "owner": self.owner,
            "approver": self.approver,
            "from": self.start.isoformat(),
            "until": self.until.isoformat(),
            "location": self.position.document(),
        }


def _plain(name: str) -> str:
    """Return a name without what does not make it another: width, case, spaces, marks unseen."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if each.isalnum())


def read_waivers(node: Mapping, problems: Problems) -> tuple[Waiver, ...]:
    """Return the waivers of one file; problems are gathered."""
    form = Form(node, problems, "waivers", *keys(WAIVERS))
    return tuple(_waiver(item, problems) for item in form.items("waivers", required=True))


def _waiver(item: Node, problems: Problems) -> Waiver:
    form = Form(item, problems, "waivers", *keys(inner(WAIVERS, "waivers")))
    start, until = form.date("from", required=True), form.date("until", required=True)
    if start and until:
        _check_days(form, start, until, problems)
    return Waiver(
        id=form.id(),
        match=_match(form, problems),
        reason=form.title("reason") or Text("", ""),
        owner=_person(form, "owner", problems),
        approver=_person(form, "approver", problems),
        start=start or datetime.date.min,
        until=until or datetime.date.min,
        position=form.position,
    )


def _person(form: Form, key: str, problems: Problems) -> str:
    name = form.text(key)
    if name and not _plain(name):
        problems.add("waiver-nobody", form.at(key), key=key, value=name)
    return name


def _check_days(form: Form, start: datetime.date, until: datetime.date, problems: Problems) -> None:
    if until < start:
        problems.add("bad-range", form.at("until"), start=start, until=until)
    elif (until - start).days > LONGEST:
        problems.add("waiver-too-long", form.at("until"), limit=LONGEST, found=(until - start).days)


def _match(form: Form, problems: Problems) -> Match:
    match = form.form("match", *keys(inner(WAIVERS, "waivers", "match")))
    if match is None:
        return Match(None, None)
    fingerprint = match.optional("fingerprint")
    if fingerprint is not None and not _is_fingerprint(fingerprint):
        problems.add("bad-fingerprint", match.at("fingerprint"), value=fingerprint)
    globs = {name: _glob(match, name) for name in _GLOBS}
    rule = globs["rule"]
    if fingerprint is None and rule is None:
        problems.add("waiver-of-what", match.position)
    elif rule and fingerprint is None and _anything(globs):
        problems.add("waiver-of-everything", match.at("rule"), rule=rule.pattern)
    return Match(fingerprint, **globs)


def _glob(form: Form, key: str) -> Glob | None:
    value = form.optional(key)
    return Glob(value, form.at(key)) if value else None


def _is_fingerprint(value: str) -> bool:
    return len(value) == 32 and all(each in "0123456789abcdef" for each in value)


def _anything(globs: dict[str, Glob | None]) -> bool:
    """Say whether nothing but stars is asked for: that would accept every finding there is."""
    return all(glob is None or not glob.pattern.strip("*?/") for glob in globs.values())
