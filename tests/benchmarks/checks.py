"""How fast 30 checks on 13 columns are judged: processor time besides imports, in one run.

`python tests/benchmarks/checks.py [ROWS]`. Each tool runs in a process of its own, so that one's
memory is not another's. The ratios are what counts: the machine is the same for all.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

REGIONS = [f"{110000 + i:06d}" for i in range(340)]
DEPARTMENTS = [f"D{i:02d}" for i in range(20)]
STATUS = ["draft", "submitted", "approved", "rejected"]
COLUMNS = [
    "record_id", "person_id", "dept", "region_code", "service_code", "age", "sex", "amount",
    "phone", "status", "created_at", "updated_at", "email",
]  # fmt: skip
PERSON, REGION = r"^[1-9][0-9]{16}[0-9X]$", r"^[1-9][0-9]{5}$"
SERVICE, PHONE = r"^SVC-[0-9]{4}$", r"^1[3-9][0-9]{9}$"
STOCK_ROWS = 1_000_000
"""Stock Great Expectations on pandas takes minutes and gigabytes beyond."""

DATA = """
COPY (
  WITH r AS (SELECT i::BIGINT AS record_id,
    lpad(((hash(i*7+1)%340)+110000)::VARCHAR, 6, '0') AS region_code,
    strftime(DATE '1940-01-01' + ((hash(i*13+2)%29000)::INT), '%Y%m%d') AS birth,
    lpad((hash(i*17+3)%1000)::VARCHAR, 3, '0') AS seq,
    'D' || lpad((hash(i*19+4)%20)::VARCHAR, 2, '0') AS dept,
    'SVC-' || lpad((hash(i*23+5)%500)::VARCHAR, 4, '0') AS service_code,
    (hash(i*29+6)%100)::INT AS age,
    CASE WHEN hash(i*31+7)%100 < 2 THEN NULL WHEN hash(i*37+8)%2 = 0 THEN '1' ELSE '2' END AS sex,
    round((hash(i*41+9)%1000000)/100.0, 2)::DOUBLE AS amount,
    CASE WHEN hash(i*43+10)%100 < 5 THEN NULL WHEN hash(i*43+10)%10000 > 9990 THEN '000'
      ELSE '1' || (3+hash(i*47+11)%7)::VARCHAR || lpad((hash(i*53+12)%1000000000)::VARCHAR, 9, '0')
      END AS phone,
    (['draft','submitted','approved','rejected'])[1+(hash(i*59+13)%4)::INT] AS status,
    TIMESTAMP '2025-01-01' + to_seconds((hash(i*61+14)%31536000)::BIGINT) AS created_at,
    (hash(i*67+15)%864000)::BIGINT AS lag,
    CASE WHEN hash(i*71+16)%100 < 30 THEN NULL ELSE 'u' || i || '@example.cn' END AS email
    FROM range(ROWS) t(i))
  SELECT record_id, region_code || birth || seq || 'X' AS person_id, dept, region_code,
    service_code, age, sex, amount, phone, status, created_at,
    created_at + to_seconds(lag) AS updated_at, email FROM r
) TO 'FILE' (FORMAT parquet)
"""


def say(line: str) -> None:
    """Print a line."""
    print(line)  # noqa: T201 - a benchmark talks


def suite(other: int = 0) -> list[Any]:
    """Return the 30 expectations; each ``other`` asks other things of the same columns."""
    import great_expectations.expectations as gxe

    found = [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, max_value=10**9),
        gxe.ExpectTableColumnCountToEqual(value=13),
        gxe.ExpectTableColumnsToMatchSet(column_set=COLUMNS),
        gxe.ExpectColumnValuesToNotBeNull(column="record_id"),
        gxe.ExpectColumnValuesToBeUnique(column="record_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="person_id"),
        gxe.ExpectColumnValuesToMatchRegex(column="person_id", regex=PERSON + f"|^x{other}$"),
        gxe.ExpectColumnValueLengthsToEqual(column="person_id", value=18),
        gxe.ExpectColumnValuesToBeInSet(column="dept", value_set=[*DEPARTMENTS, f"x{other}"]),
        gxe.ExpectColumnValuesToNotBeNull(column="dept"),
        gxe.ExpectColumnValuesToMatchRegex(column="region_code", regex=REGION + f"|^x{other}$"),
        gxe.ExpectColumnValuesToBeInSet(column="region_code", value_set=[*REGIONS, f"x{other}"]),
        gxe.ExpectColumnValuesToMatchRegex(column="service_code", regex=SERVICE + f"|^x{other}$"),
        gxe.ExpectColumnValuesToBeBetween(column="age", min_value=0, max_value=120 + other),
        gxe.ExpectColumnValuesToBeInSet(column="sex", value_set=["1", "2", f"x{other}"]),
        gxe.ExpectColumnValuesToNotBeNull(column="sex", mostly=0.95),
        gxe.ExpectColumnValuesToBeBetween(column="amount", min_value=0, max_value=10000 + other),
        gxe.ExpectColumnMinToBeBetween(column="amount", min_value=0),
        gxe.ExpectColumnMaxToBeBetween(column="amount", max_value=10000 + other),
        gxe.ExpectColumnMeanToBeBetween(column="amount", min_value=4900, max_value=5100),
        gxe.ExpectColumnStdevToBeBetween(column="amount", min_value=2800, max_value=2950),
        gxe.ExpectColumnSumToBeBetween(column="amount", min_value=0),
        gxe.ExpectColumnValuesToMatchRegex(
            column="phone", regex=PHONE + f"|^x{other}$", mostly=0.99
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="phone", mostly=0.9),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=[*STATUS, f"x{other}"]),
        gxe.ExpectColumnDistinctValuesToBeInSet(column="status", value_set=[*STATUS, f"x{other}"]),
        gxe.ExpectColumnUniqueValueCountToBeBetween(
            column="region_code", min_value=300, max_value=340
        ),
        gxe.ExpectColumnMedianToBeBetween(column="age", min_value=45, max_value=55),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="updated_at", column_B="created_at", or_equal=True
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["person_id", "service_code", "created_at"]
        ),
    ]
    for place, each in enumerate(found):
        each.meta = {"key": str(place)}
    return found


def by_scan(path: Path, times: int = 1) -> int:
    """Judge on one scan; return how many hold."""
    from headwater.checks.duck import opened, parquet
    from headwater.checks.gx.scan import validate_scanned
    from headwater.checks.gx.stock import quiet
    from headwater.checks.scan.sources import over_file

    with quiet(), opened(path) as database:
        built = [each for other in range(times) for each in suite(other)]
        for place, each in enumerate(built):
            each.meta = {"key": str(place)}
        relation = over_file(
            database, parquet(path), lambda _: database.frame(f"FROM {parquet(path)}")
        )
        found = validate_scanned(relation, built)
    return sum(result["success"] is True for result in found.values())


def by_stock(path: Path) -> int:
    """Judge by stock Great Expectations on pandas."""
    from headwater.checks.duck import opened, parquet
    from headwater.checks.gx.stock import quiet, validate

    with quiet(), opened(path) as database:
        found = validate(database.frame(f"FROM {parquet(path)}"), suite())
    return sum(result["success"] is True for result in found.values())


def by_hand(path: Path) -> int:
    """Ask DuckDB for the same figures in one tuned query, as one would by hand."""
    import duckdb

    counted = ("dept", "region_code", "service_code", "age", "sex", "status")
    asked = [
        "count(*)", *(f"count({name})" for name in COLUMNS),
        *(f"histogram({name})" for name in counted),
        f"count(*) FILTER (WHERE NOT regexp_matches(person_id, '{PERSON}'))",
        "count(*) FILTER (WHERE length(person_id) <> 18)",
        "count(*) FILTER (WHERE NOT (amount BETWEEN 0 AND 10000))",
        "min(amount)", "max(amount)", "avg(amount)", "stddev_samp(amount)", "sum(amount)",
        f"count(*) FILTER (WHERE NOT regexp_matches(phone, '{PHONE}'))",
        "count(*) FILTER (WHERE NOT (updated_at >= created_at))",
        "count(DISTINCT record_id)", "count(DISTINCT hash(person_id, service_code, created_at))",
    ]  # fmt: skip
    with duckdb.connect(config={"threads": 2}) as database:
        query = f"SELECT {', '.join(asked)} FROM '{path}'"  # noqa: S608 - ours
        row = database.execute(query).fetchall()[0]
    return 30 if row[0] else 0


def by_scan_810(path: Path) -> int:
    """Judge 810 expectations on one scan."""
    return by_scan(path, 27)


TOOLS: dict[str, Callable[[Path], int]] = {
    "hand": by_hand,
    "scan": by_scan,
    "stock": by_stock,
    "scan-810": by_scan_810,
}


def spent() -> float:
    """Return the processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def one(tool: str, path: Path) -> None:
    """Run a tool twice, after its imports, and print the better time."""
    from headwater.checks.gx.stock import quiet

    with quiet():
        import duckdb  # noqa: F401
        import great_expectations.expectations  # noqa: F401
    times, held, wall = [], 0, 0.0
    for _ in range(2):
        before, begin = spent(), time.monotonic()
        held = TOOLS[tool](path)
        times.append(spent() - before)
        wall = time.monotonic() - begin
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(json.dumps({"cpu": min(times), "wall": wall, "mb": most, "held": held}))


def measured(tool: str, path: Path) -> dict[str, float]:
    """Return what a tool took, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", tool, str(path)], capture_output=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
        return
    import duckdb

    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else STOCK_ROWS
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "data.parquet", Path(folder) / "small.parquet"
        for file, number in ((path, rows), (small, 1000)):
            duckdb.sql(DATA.replace("ROWS", str(number)).replace("FILE", str(file)))
        tools = ["hand", "scan", *(["stock"] if rows <= STOCK_ROWS else [])]
        found = {tool: measured(tool, path) for tool in tools}
        few, many = measured("scan", small), measured("scan-810", small)
    say(f"{rows:,} rows, 30 checks, 13 columns")
    say(f"{'':<28}{'CPU s':>9}{'wall s':>9}{'MB':>8}{'hold':>6}{'x by hand':>11}")
    for tool, figures in found.items():
        ratio = figures["cpu"] / found["hand"]["cpu"]
        say(
            f"{tool:<28}{figures['cpu']:>9.2f}{figures['wall']:>9.2f}{figures['mb']:>8.0f}"
            f"{figures['held']:>6.0f}{ratio:>11.2f}"
        )
    if "stock" in found:
        say(f"stock / scan {found['stock']['cpu'] / found['scan']['cpu']:.1f} (aim: at least 4)")
    each = (few["cpu"] / 30 * 1000, many["cpu"] / 810 * 1000)
    say(f"1,000 rows, milliseconds an expectation: of 30 {each[0]:.1f}, of 810 {each[1]:.1f}")


if __name__ == "__main__":
    main()
