"""Golden graphs: what chosen real events come to, read leniently. They hold our words only.

After a change that is meant, ``python tests/golden/test_lineage_golden.py`` writes them anew;
review the difference.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from headwater.lineage import Graph, load_graph, open_store
from headwater.lineage.reader import read_leniently

FOLDER = Path(__file__).parent / "lineage"
HIVE = "OpenLineage/integration/hive/hive-openlineage-hook/integrations/container"
SPARK = "OpenLineage/integration/spark/app/integrations/container"
FLINK = "OpenLineage/integration/flink"
DBT = "OpenLineage/integration/common/tests/dbt"
MARQUEZ = "marquez/api/src/test/resources"
CHOSEN = {
    "hive-indirect": f"{HIVE}/cllSimpleQueryIndirectComplete.json",
    "hive-masking": f"{HIVE}/cllSimpleQueryMaskingComplete.json",
    "hive-window": f"{HIVE}/cllSimpleQueryWindowedAggregateComplete.json",
    "hive-conditional": f"{HIVE}/cllSimpleQueryWithCaseWhenConditionalComplete.json",
    "hive-cte-joins": f"{HIVE}/cllComplexQueryCTEJoinsComplete.json",
    "hive-multi-insert": f"{HIVE}/cllMultiInsertsComplete.json",
    "hive-partitioned": f"{HIVE}/cllPartitionedTableComplete.json",
    "hive-union": f"{HIVE}/cllUnionComplete.json",
    "spark-delta-ctas": f"{SPARK}/pysparkDeltaCTASComplete.json",
    "spark-kafka": f"{SPARK}/pysparkKafkaReadCompleteEvent.json",
    "spark-hive": f"{SPARK}/pysparkHiveCompleteEvent.json",
    "flink-kafka": f"{FLINK}/flink1/src/test/resources/events/expected_kafka.json",
    "flink-sql": f"{FLINK}/flink2/src/test/resources/events/expected_sql_kafka.json",
    "dbt-large": f"{DBT}/large/result.json",
    "dbt-snowflake-snapshot": f"{DBT}/structured_logs/snowflake/snapshot/results/snapshot_ol_events.json",
    "dbt-postgres-failed": f"{DBT}/structured_logs/postgres/run/results/failed_run_ol_events.json",
    "marquez-full": f"{MARQUEZ}/open_lineage/event_full.json",
    "marquez-unicode": f"{MARQUEZ}/open_lineage/event_unicode.json",
    "marquez-apple-pie": f"{MARQUEZ}/apples/6_apple_pie.json",
    "python-dataset-event": "OpenLineage/client/python/tests/serde_example_dataset_event.json",
}


SHOWS = {
    "hive-indirect": "a filter on `b` influences every column made, and is no value",
    "hive-masking": "sha1 masks `ma`; of `mt` the GROUP BY on `a` is not masked, so the edge is not",
    "hive-window": "the columns that a window is cut and ordered by are indirect",
    "hive-conditional": "`b` decides and is added: both at once is direct",
    "hive-cte-joins": "keys of joins within common table expressions reach every column made",
    "hive-multi-insert": "two outputs of one run, each from its own columnLineage, no others",
    "hive-partitioned": "the partition column is a column like any other",
    "hive-union": "columns of a union by position: `t2.c` becomes `b`",
    "spark-delta-ctas": "no input, so no edge; the table's name is better than its location",
    "spark-kafka": "a read without an output draws nothing, and its columns are known",
    "spark-hive": "an output alone: the symlink gives the table's name",
    "flink-kafka": "two topics in, one out, no columns: implied",
    "flink-sql": "the table of the catalogue names the topic; START alone counts",
    "dbt-large": "one run id in all events (a template's): they are one run of all its datasets",
    "dbt-snowflake-snapshot": "the same, with one input and one output that are of one event",
    "dbt-postgres-failed": "the run's last word is FAIL: its edges are of a failed run",
    "marquez-full": "a dataset that is read and written by one job is no edge to itself",
    "marquez-unicode": "a spider in the job's name",
    "marquez-apple-pie": "the smallest: one in, one out",
    "python-dataset-event": "a dataset event: columns and no edge; a time without zone is noted",
}
"""What each shows. All twenty graphs were compared with their events, edge by edge."""


def drawn(path: Path, folder: Path) -> str:
    """Return the graph of an event file, and what was not understood, as JSON."""
    found = read_leniently(path.read_bytes(), path.name)
    store = open_store(folder / f"{path.name}.db")
    store.record_file(path.name, "1", found.events, notes=found.notes)
    graph = load_graph(store)
    store.close()
    notes = [f"{note.position}: {note.message.en}" for note in found.notes]
    document = {"notes": notes, **_graph(graph)}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _graph(graph: Graph) -> dict[str, object]:
    return {
        "nodes": sorted(map(str, graph.nodes)),
        "edges": [
            " ".join(
                [
                    f"{edge.source} -> {edge.target}",
                    edge.kind,
                    "/".join(edge.subtypes) or "-",
                    edge.evidence,
                    *(["masked"] if edge.masked else []),
                    *(["whole"] if edge.whole else []),
                    *(["failed"] if edge.failed else []),
                    f"by {edge.job}",
                ]
            )
            for edge in graph.edges
        ],
        "names": {str(name): str(best) for name, best in graph.settled.names.items()},
        "parents": {
            str(job): list(map(str, above)) for job, above in graph.settled.parents.items()
        },
    }


def test_twenty_are_chosen_and_each_has_its_graph() -> None:
    assert len(CHOSEN) == 20
    assert set(SHOWS) == set(CHOSEN)
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CHOSEN)


@pytest.mark.parametrize("name", CHOSEN)
def test_a_real_event_comes_to_its_golden_graph(name: str, corpus: Path, tmp_path: Path) -> None:
    expected = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert drawn(corpus / "openlineage" / CHOSEN[name], tmp_path) == expected


if __name__ == "__main__":
    EVENTS = Path(__file__).parents[3] / "shared/corpus/openlineage"
    with tempfile.TemporaryDirectory() as scratch:
        for name, file in CHOSEN.items():
            text = drawn(EVENTS / file, Path(scratch))
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
