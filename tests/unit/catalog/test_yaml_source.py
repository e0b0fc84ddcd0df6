from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.catalog.errors import DocumentError
from headwater.catalog.nodes import Mapping, plain
from headwater.catalog.yaml_source import MAX_BYTES, parse_yaml


def codes(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as caught:
        parse_yaml(data, "a.yaml")
    return [(found.code, str(found.position)) for found in caught.value.problems]


def test_values_know_where_they_stand() -> None:
    node = parse_yaml("a: 1\n名: [x, 2026-01-01]\n".encode(), "a.yaml")
    assert isinstance(node, Mapping)
    assert plain(node) == {"a": 1, "名": ["x", "2026-01-01"]}
    assert str(node.at("名")) == "a.yaml:2:1"


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert plain(parse_yaml(b"\xef\xbb\xbfa: true", "a.yaml")) == {"a": True}


@pytest.mark.parametrize(
    "text", ["v1.2.0", "2026-01-01", "1.2.3", "x: y", "P2Y", "00-1", "1-2", "n", "Y"]
)
def test_text_stays_what_the_author_wrote(text: str) -> None:
    assert plain(
        parse_yaml(f"- {text}".encode() if ": " not in text else f"- {text!r}".encode(), "a")
    ) == [text]


@pytest.mark.parametrize(
    "text", ["NO", "on", "Yes", "012", "0x1F", "0o17", "1_000", "1:30", ".5", "1e3", "TRUE",
             "Null", ".inf", "-.INF", ".nan", "5."],
)  # fmt: skip
def test_what_yaml_readers_disagree_on_is_refused(text: str) -> None:
    assert codes(f"a: {text}".encode()) == [("yaml-ambiguous", "a.yaml:1:4")]
    assert plain(parse_yaml(f'a: "{text}"'.encode(), "a")) == {"a": text}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: &x 1\nb: *x", ("yaml-alias", "a.yaml:1:4")),
        (b"a: 1\nb: *x", ("yaml-alias", "a.yaml:2:4")),
        (b"a: !!python/object:os.system x", ("yaml-tag", "a.yaml:1:4")),
        (b"a: 1\n---\nb: 2", ("yaml-documents", "a.yaml:2:1")),
        (b"a: 1\na: 2", ("duplicate-key", "a.yaml:2:1")),
        (b"? [a]\n: 1", ("key-not-text", "a.yaml:1:3")),
        (b"a: [1", ("yaml-syntax", "a.yaml:2:1")),
        (b"a:\t1\n\tb: 2", ("yaml-syntax", "a.yaml:2:1")),
        (b"a: 1\nb: \xff", ("encoding", "a.yaml:2:1")),
        (b"a: \x1b[31m", ("character", "a.yaml:1:4")),
        (b"", ("empty", "a.yaml:1:1")),
        (b"x" * (MAX_BYTES + 1), ("file-too-large", "a.yaml:1:1")),
    ],
)
def test_hostile_or_broken_yaml_is_refused_at_its_place(
    data: bytes, expected: tuple[str, str]
) -> None:
    assert codes(data)[0] == expected


def test_deep_nesting_is_refused_before_anything_recurses() -> None:
    assert codes(b"a: " + b"[" * 41 + b"]" * 41)[0][0] == "yaml-deep"
    assert codes(b"[" * 1_000_000)[0][0] in {"yaml-deep", "yaml-syntax"}


def test_too_many_values_are_refused() -> None:
    assert codes(b"a: [" + b"1," * 200_001 + b"1]")[0][0] == "yaml-large"


def test_merge_keys_do_not_merge() -> None:
    assert plain(parse_yaml(b"<<: {a: 1}\nb: 2", "a")) == {"<<": {"a": 1}, "b": 2}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_a_problem(data: bytes) -> None:
    try:
        parse_yaml(data, "a.yaml")
    except DocumentError as error:
        assert error.problems
