"""``headwater labels show`` and ``headwater labels diff``."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from headwater.cli.main import group

CLAIM = "insurance.public.claim"


@pytest.fixture
def root(mini: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "mini"
    shutil.copytree(mini, folder, ignore=shutil.ignore_patterns(".headwater"))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(group, ["labels", *map(str, words)], catch_exceptions=True)
    return done.exit_code, done.stdout


def show(root: Path, *words: str) -> tuple[int, str]:
    return run("show", *words, "--workspace", root)


def test_a_column_tells_its_labels_and_where_they_come_from(root: Path) -> None:
    code, out = show(root, f"{CLAIM}#treated_on", "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert found["schema"] == "headwater/labels/1"
    assert (found["complete"], found["limits"]) == (True, [])
    assert (found["level"], found["categories"]) == ("general-3", ["health", "personal"])
    (column,) = found["columns"]
    assert column["declared"] == []
    assert [each["label"] for each in column["labels"]] == ["general-3", "health", "personal"]
    (source,) = column["labels"][1]["sources"]
    assert (source["name"], source["column"]) == ("health.public.vaccination", "dose_date")
    assert source["location"]["file"] == "contracts/vaccination.odcs.yaml"
    assert [step["column"] for step in source["path"]] == ["dose_date", "treated_on"]
    assert source["hops"] == len(source["edges"]) == 1


def test_labels_come_through_several_departments(root: Path) -> None:
    _, out = show(root, "vaccination#resident_name", "--format", "json")
    (column,) = json.loads(out)["columns"]
    names = [
        [(each["name"], each["hops"]) for each in label["sources"]] for label in column["labels"]
    ]
    here, there = ("health.public.vaccination", 0), ("population.public.resident", 1)
    assert names == [[here, there], [here, there]]


def test_a_dataset_has_all_its_columns_and_the_highest_level(root: Path) -> None:
    _, out = show(root, "vaccination", "--format", "json")
    found = json.loads(out)
    assert (found["column"], found["level"]) == (None, "general-3")
    assert [each["column"] for each in found["columns"]] == [
        "dose_date", "record_id", "resident_id", "resident_name", "vaccine",
    ]  # fmt: skip


def test_a_cut_answer_says_so(root: Path) -> None:
    words = ("vaccination#resident_name", "--max-sources", "1")
    _, out = show(root, *words, "--format", "json")
    found = json.loads(out)
    assert found["complete"] is False
    assert len(found["limits"]) == 2
    assert found["columns"][0]["labels"][0]["more"] == 1
    code, out = show(root, *words, "--require-complete")
    assert (code != 0, out) == (True, "")
    _, out = show(root, *words)
    assert "not complete" in out


@pytest.mark.parametrize(("language", "word"), [("en", "declared here"), ("zh", "在此声明")])
def test_the_text_names_every_source(root: Path, language: str, word: str) -> None:
    code, out = show(root, "vaccination#resident_name", "--lang", language)
    assert code == 0
    assert word in out
    assert "population.public.resident#name" in out
    assert "contracts/resident.odcs.yaml" in out


def test_csv_has_one_row_for_each_label_and_source(root: Path) -> None:
    _, out = show(root, "vaccination#resident_name", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["label_name"], row["from_column"], row["evidence"]) for row in rows] == [
        ("general-2", "resident_name", ""),
        ("general-2", "name", "observed"),
        ("personal", "resident_name", ""),
        ("personal", "name", "observed"),
    ]


@pytest.mark.parametrize("format_", ["table", "ndjson"])
def test_the_other_formats_are_written_too(root: Path, format_: str) -> None:
    code, out = show(root, "claim", "--format", format_)
    assert code == 0
    assert "dose_date" in out


def test_the_same_question_gets_the_same_bytes(root: Path) -> None:
    assert show(root, "claim", "--format", "json") == show(root, "claim", "--format", "json")


def test_an_unknown_name_is_refused(root: Path) -> None:
    assert show(root, "nobody")[1] == ""
    assert show(root, "claim#nothing")[1] == ""


def test_two_workspaces_are_compared(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(root, other)
    contract = other / "contracts/vaccination.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    before = "logicalType: date, classification: general-3, tags: [health]"
    assert before in text
    after = "logicalType: date, classification: important"
    contract.write_text(text.replace(before, after), encoding="utf-8")
    code, out = run("diff", root, other, "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert found["schema"] == "headwater/label-changes/1"
    changed = {(each["name"], each["column"]): each for each in found["changes"]}
    assert set(changed) == {
        ("health.public.vaccination", "dose_date"),
        (CLAIM, "treated_on"),
        ("street.public.visit_list", "dose_date"),
    }
    one = changed[CLAIM, "treated_on"]
    assert (one["added"], one["removed"]) == (["important"], ["health", "personal"])
    assert one["change"] == "changed"
    still = changed["street.public.visit_list", "dose_date"]
    assert (still["change"], still["added"]) == ("raised", ["important"])
    _, text_out = run("diff", root, other, "--lang", "zh")
    assert "标签有变化的字段" in text_out
    _, rows = run("diff", root, other, "--format", "csv")
    assert len(rows.splitlines()) == 4


def test_a_workspace_does_not_differ_from_itself(root: Path) -> None:
    _, out = run("diff", root, root, "--format", "json")
    assert json.loads(out)["changes"] == []


def test_a_folder_that_is_no_workspace_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out = run("diff", root, tmp_path / "empty")
    assert (code != 0, out) == (True, "")
