"""Moulds: what the events of a pipeline have in common, byte for byte, but for run ids and times.

A pipeline that runs each night sends the same text each night with other words in a few places.
Such a text is its mould (the parts between the places) and its words. The first two times it is
read like any other text; from then on nothing has to be parsed to know all that it says.

That is safe because a word is the inside of one JSON string, and plain: other plain words in its
place cannot change how the text around them reads. Which strings these are is seen, not
supposed: the text is read with unmistakable words in these places.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from headwater.lineage.shapes import DATASET_FACETS, JOB_FACETS, event_shape, outline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.lineage.shapes import DatasetShape, EventShape, JobShape

REMEMBERED, REMEMBERED_BYTES = 4096, 64 * 2**20
"""So many moulds are remembered, and texts of no more bytes than this together."""

_TIME, _RUN = b'"eventTime"', b'"runId"'
_PLAIN = re.compile(rb'[ \t]*:[ \t]*"([A-Za-z0-9_.:+-]{1,128})"')
_MOST = 16

Parts = tuple[bytes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mould:
    """What texts have in common.

    Attributes:
        parts: The text between its words, in order.
        canonical: The same of the canonical text.
        order: Which word comes at each place of the canonical text.
        time: Which word is the event's time.
        run: Which word is the run's id.
        contents: See :func:`contents`.
        started: Whether the run says which other run started it.
    """

    parts: Parts
    canonical: Parts
    order: tuple[int, ...]
    time: int
    run: int
    contents: bytes
    started: bool


@dataclass(frozen=True, slots=True)
class Cast:
    """A text: a mould and the words in it."""

    mould: Mould
    words: Parts

    def raw(self) -> bytes:
        """Return the text."""
        return filled(self.mould.parts, self.words)

    def canonical(self) -> bytes:
        """Return the canonical text."""
        return filled(self.mould.canonical, tuple([self.words[at] for at in self.mould.order]))

    def told(self, text: bytes) -> Told:
        """Return what the text says; it is given again, for it is at hand."""
        begun = event_shape(text) if self.mould.started else None
        return Told(self.mould.contents, begun, text)


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says.

    Attributes:
        contents: See :func:`contents`.
        begun: The event, where its run says which other run started it.
        text: Its text.
    """

    contents: bytes
    begun: EventShape | None
    text: str | bytes


def told(said: EventShape, text: str | bytes) -> Told:
    """Return what an event says."""
    return Told(contents(said), said if begins(said) else None, text)


def begins(said: EventShape) -> bool:
    """Say whether an event's run says which other run started it."""
    return "parent" in ((said.run.facets or {}) if said.run else {})


def filled(parts: Parts, words: Parts) -> bytes:
    """Return a text whose places between the parts hold words."""
    found = [b""] * (len(parts) + len(words))
    found[::2], found[1::2] = parts, words
    return b"".join(found)


def cut(raw: bytes) -> tuple[Parts, Parts] | None:
    """Return the parts and the words of a text, or ``None`` if it has none that are plain."""
    spans = [_word(raw, raw.find(_TIME), _TIME)]
    at = raw.find(_RUN)
    while at >= 0 and spans[-1] and len(spans) <= _MOST:
        spans.append(_word(raw, at, _RUN))
        at = raw.find(_RUN, at + len(_RUN))
    plain = sorted(span for span in spans if span)
    if at >= 0 or len(plain) < len(spans):
        return None
    begins = [0, *(end for _, end in plain)]
    ends = [*(begin for begin, _ in plain), len(raw)]
    parts = tuple([raw[begin:end] for begin, end in zip(begins, ends, strict=True)])
    return parts, tuple([raw[begin:end] for begin, end in plain])


def _word(raw: bytes, at: int, key: bytes) -> tuple[int, int] | None:
    found = _PLAIN.match(raw, at + len(key)) if at >= 0 else None
    return found.span(1) if found else None


class Moulds:
    """The moulds met so far."""

    def __init__(self) -> None:
        self._known: OrderedDict[Parts, Mould | None] = OrderedDict()
        self._bytes = 0
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._last: tuple[bytes, tuple[Parts, Parts] | None] = (b"", None)

    def cast(self, raw: bytes) -> Cast | None:
        """Return a text that has a mould that is known."""
        found = cut(raw)
        self._last = (raw, found)
        mould = self._known.get(found[0]) if found else None
        return Cast(mould, found[1]) if found and mould else None

    def meet(self, raw: bytes, canonical: bytes) -> None:
        """Learn from a text that was read with care: its mould, when the like is met again.

        Args:
            raw: The text.
            canonical: What the careful reading came to.
        """
        found = self._last[1] if self._last[0] is raw else None
        if found is None or found[0] in self._known:
            return
        parts, words = found
        if hash(parts) not in self._seen:
            self._seen[hash(parts)] = None
            if len(self._seen) > 4 * REMEMBERED:
                self._seen.popitem(last=False)
            return
        self._known[parts] = _mould(parts, words, canonical)
        self._bytes += sum(map(len, parts))
        while len(self._known) > REMEMBERED or self._bytes > REMEMBERED_BYTES:
            gone, _ = self._known.popitem(last=False)
            self._bytes -= sum(map(len, gone))


def _mould(parts: Parts, words: Parts, canonical: bytes) -> Mould | None:
    mould = mould_of(parts, len(words))
    return mould if mould and Cast(mould, words).canonical() == canonical else None


@lru_cache(maxsize=REMEMBERED // 4)
def mould_of(parts: Parts, count: int) -> Mould | None:
    """Return the mould of a text of so many words, or ``None`` if it can have none."""
    # Nobody can write a text that holds its own digest.
    base = hashlib.sha256(b"\0".join(parts)).hexdigest()
    signs = tuple(f"{base}-{number}-".encode() for number in range(count))
    try:
        text = filled(parts, signs)
        canonical = msgspec.json.encode(msgspec.json.decode(text), order="sorted")
        said = event_shape(text)
        apart = outline(text)
        whole: Any = msgspec.json.decode(text)
        time, run = whole["eventTime"].encode(), whole["run"]["runId"].encode()
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    found = re.split(f"{base}-([0-9]+)-".encode(), canonical)
    order = tuple(map(int, found[1::2]))
    if sorted(order) != list(range(count)) or time not in signs or run not in signs:
        return None
    if any(
        base.encode() in bytes(each)
        for each in (apart.job, apart.dataset, apart.inputs, apart.outputs)
    ):
        return None
    return Mould(
        parts=parts,
        canonical=tuple(found[::2]),
        order=order,
        time=signs.index(time),
        run=signs.index(run),
        contents=contents(said),
        started=begins(said),
    )


def contents(said: EventShape) -> bytes:
    """Return a digest of all that lineage follows from in an event but for its run and its time."""
    words = [(said.eventType or "").encode()]
    if said.job:
        words += _entity(b"job", said.job, JOB_FACETS)
    if said.dataset:
        words += _entity(b"dataset", said.dataset, DATASET_FACETS)
    for each in said.inputs or ():
        words += _entity(b"input", each, DATASET_FACETS)
    for each in said.outputs or ():
        words += _entity(b"output", each, DATASET_FACETS)
    # Lengths first: no text can pretend to be two.
    digest = hashlib.blake2b(repr([len(word) for word in words]).encode(), digest_size=32)
    digest.update(b"".join(words))
    return digest.digest()


def _entity(
    role: bytes, entity: JobShape | DatasetShape, known: Mapping[str, object]
) -> list[bytes]:
    names = (entity.namespace, entity.name)
    found = [role, *(name.encode("utf-8", "surrogatepass") for name in names)]
    for name, raw in (entity.facets or {}).items():
        if name in known:
            found += (name.encode(), bytes(raw))
    return found
