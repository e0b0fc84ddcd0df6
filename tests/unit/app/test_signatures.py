"""Signatures: what they bind, and what hostile envelopes are worth."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.app.agreement_sign import sign, verify
from headwater.app.signatures import PAYLOAD_TYPE
from headwater.catalog.dsse import signed_bytes
from headwater.catalog.errors import DocumentError, InputError, UnknownNameError
from headwater.catalog.signature_files import MAX_BYTES

DAY = datetime.date(2026, 11, 1)
FILE = "agreements/police-tax.dsse.json"


@pytest.fixture
def signed(town: Any) -> Any:
    """The town with its agreement signed by both sides."""
    for name in ("police", "tax"):
        sign(town.load(), "police-tax", key=town.key(name), department=name, as_of=DAY)
    return town


def envelope(town: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((town.root / FILE).read_text(encoding="utf-8"))
    return found


def rewritten(town: Any, change: Callable[[dict[str, Any]], None]) -> None:
    found = envelope(town)
    change(found)
    town.write(FILE, json.dumps(found))


def judged(town: Any) -> tuple[str, list[str], list[str]]:
    found = verify(town.load(), "police-tax", DAY).signatures
    assert found.complete is (not found.missing)
    return found.state, [each.verdict for each in found.judged], sorted(found.signed)


def test_the_envelope_is_dsse_and_anyone_can_check_it(signed: Any, keys: Any) -> None:
    found = envelope(signed)
    assert set(found) == {"payload", "payloadType", "signatures"}
    payload = base64.b64decode(found["payload"])
    assert json.loads(payload)["id"] == "police-tax"
    for name, each in zip(("police", "tax"), found["signatures"], strict=True):
        assert each["keyid"] == f"{name}-1"
        text = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)  # fmt: skip
        keys[name].public_key().verify(base64.b64decode(each["sig"]), text)
    assert judged(signed) == ("sound", ["valid", "valid"], ["police", "tax"])


def test_signing_again_changes_no_byte(signed: Any) -> None:
    before = (signed.root / FILE).read_bytes()
    sign(signed.load(), "police-tax", key=signed.key("tax"), department="tax", as_of=DAY)
    assert (signed.root / FILE).read_bytes() == before


def test_comments_blanks_and_the_order_of_keys_change_no_signature(signed: Any) -> None:
    lines = (signed.root / "agreements/police-tax.yaml").read_text(encoding="utf-8").splitlines()
    moved = ["# a comment", *lines[3:4], *lines[:3], *lines[4:]]
    signed.write(
        "agreements/police-tax.yaml", "\n\n".join(moved[:5]) + "\n" + "\n".join(moved[5:]) + "\n"
    )
    assert judged(signed)[2] == ["police", "tax"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[resident_id, name]", "[resident_id, name, id_number]"),
        ("[taxation]", "[taxation, marketing]"),
        ("until: 2026-12-31", "until: 2027-12-31"),
        (", mandate: DSL-38", ""),
        ("purposes:", "onward: any\npurposes:"),
        ("purposes:", "conditions: {max_level: general-1}\npurposes:"),
        ("[resident_id, name]", "[name, resident_id]"),
    ],
)
def test_a_changed_text_breaks_every_signature(signed: Any, before: str, after: str) -> None:
    signed.change("agreements/police-tax.yaml", before, after)
    assert judged(signed) == ("other-text", [], [])


def test_signing_a_changed_text_drops_the_old_signatures(signed: Any) -> None:
    signed.change("agreements/police-tax.yaml", "[taxation]", "[income-tax]")
    sign(signed.load(), "police-tax", key=signed.key("tax"), department="tax", as_of=DAY)
    assert judged(signed) == ("sound", ["valid"], ["tax"])


def test_a_signature_of_another_agreement_is_worth_nothing(signed: Any) -> None:
    signed.agree("other", purposes="[marketing]")
    signed.write("agreements/other.dsse.json", (signed.root / FILE).read_text(encoding="utf-8"))
    assert verify(signed.load(), "other", DAY).signatures.state == "other-text"


def test_a_swapped_payload_is_worth_nothing(signed: Any) -> None:
    signed.change("agreements/police-tax.yaml", "[taxation]", "[marketing]")
    text = signed.load().agreements[0].paper.text
    rewritten(signed, lambda found: found.update(payload=base64.b64encode(text).decode()))
    assert judged(signed) == ("sound", ["unknown-key", "unknown-key"], [])


def test_a_signature_over_another_type_is_worth_nothing(signed: Any, keys: Any) -> None:
    rewritten(signed, lambda found: found.update(payloadType="text/plain"))
    assert judged(signed) == ("other-type", [], [])
    text = signed.load().agreements[0].paper.text
    forged = keys["tax"].sign(signed_bytes("text/plain", text))
    rewritten(
        signed,
        lambda found: found.update(
            payloadType=PAYLOAD_TYPE,
            signatures=[{"keyid": "tax-1", "sig": base64.b64encode(forged).decode()}],
        ),
    )
    assert judged(signed) == ("sound", ["unknown-key"], [])


def test_one_side_signing_twice_counts_once(signed: Any) -> None:
    rewritten(signed, lambda found: found["signatures"].__setitem__(1, found["signatures"][0]))
    assert judged(signed) == ("sound", ["valid", "repeated"], ["police"])


def test_the_id_of_a_key_convinces_nobody(signed: Any) -> None:
    def relabel(found: dict[str, Any]) -> None:
        found["signatures"] = [{**found["signatures"][0], "keyid": "tax-1"}]

    rewritten(signed, relabel)
    found = verify(signed.load(), "police-tax", DAY).signatures
    assert [(each.key_id, each.department) for each in found.judged] == [("police-1", "police")]
    assert found.missing == ("tax",)


@pytest.mark.parametrize(
    ("hint", "verdict"), [("street-1", "other-party"), ("x", "unknown-key"), ("", "unknown-key")]
)
def test_the_key_of_a_department_that_is_no_party_signs_nothing(
    signed: Any, keys: Any, hint: str, verdict: str
) -> None:
    text = signed.load().agreements[0].paper.text
    value = base64.b64encode(keys["street"].sign(signed_bytes(PAYLOAD_TYPE, text))).decode()
    rewritten(
        signed, lambda found: found["signatures"].__setitem__(1, {"keyid": hint, "sig": value})
    )
    assert judged(signed) == ("sound", ["valid", verdict], ["police"])


def test_an_envelope_may_leave_the_ids_of_keys_out(signed: Any) -> None:
    def forget(found: dict[str, Any]) -> None:
        for each in found["signatures"]:
            del each["keyid"]

    rewritten(signed, forget)
    assert judged(signed) == ("sound", ["valid", "valid"], ["police", "tax"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        '{"payload": "!", "payloadType": "x", "signatures": []}',
        '{"payload": "", "payload": "", "payloadType": "x", "signatures": []}',
        '{"payload": "", "payloadType": "x", "signatures": [{"sig": 1}]}',
        '{"payload": "", "payloadType": "x", "signatures": [{"keyid": 7, "sig": ""}]}',
        '{"payload": "", "payloadType": "\\ud800", "signatures": []}',
        '{"payload": "", "payloadType": "x", "signatures": {}}',
        '{"payload": "", "payloadType": "x", "signatures": ['
        + ",".join(['{"sig": ""}'] * 65)
        + "]}",
    ],
)
def test_what_is_no_envelope_signs_nothing(town: Any, text: str) -> None:
    town.write(FILE, text)
    assert judged(town) == ("unreadable", [], [])


def test_broken_base64_of_a_signature_makes_the_signature_void(signed: Any) -> None:
    rewritten(signed, lambda found: found["signatures"][1].update(sig="%%%"))
    assert judged(signed) == ("sound", ["valid", "unknown-key"], ["police"])


def test_a_huge_file_is_not_read_to_its_end(town: Any) -> None:
    with town.write(FILE, "{").open("r+b") as file:
        file.truncate(1 << 40)
    assert len(town.load().agreements[0].paper.envelope) == MAX_BYTES + 1
    assert judged(town) == ("too-large", [], [])


def test_a_link_or_a_folder_in_its_place_signs_nothing(town: Any, tmp_path: Path) -> None:
    (town.root / FILE).symlink_to(tmp_path / "elsewhere")
    assert judged(town)[0] == "unreadable"
    with pytest.raises(InputError) as caught:
        sign(town.load(), "police-tax", key=town.key("tax"), department="tax", as_of=DAY)
    assert caught.value.problems[0].code == "cannot-write"
    (town.root / FILE).unlink()
    (town.root / FILE).mkdir()
    assert judged(town)[0] == "unreadable"


def refused(town: Any, key: Path, department: str, name: str = "police-tax") -> str:
    with pytest.raises(InputError) as caught:
        sign(town.load(), name, key=key, department=department, as_of=DAY)
    assert not (town.root / FILE).exists()
    return caught.value.problems[0].code


def test_who_may_not_sign_does_not(town: Any, tmp_path: Path) -> None:
    assert refused(town, town.key("street"), "street") == "not-a-party"
    assert refused(town, town.key("police"), "tax") == "key-not-registered"
    assert refused(town, tmp_path / "none.pem", "tax") == "file-unreadable"
    (tmp_path / "bad.pem").write_bytes(b"nothing")
    assert refused(town, tmp_path / "bad.pem", "tax") == "bad-signing-key"
    with pytest.raises(UnknownNameError):
        sign(town.load(), "police-taxx", key=town.key("tax"), department="tax", as_of=DAY)


def test_a_key_of_two_departments_is_refused(town: Any, keys: Any) -> None:
    text = (town.root / "departments.yaml").read_text(encoding="utf-8")
    town.write("departments.yaml", text.replace(keys.public("tax"), keys.public("police")))
    with pytest.raises(DocumentError) as caught:
        town.load()
    assert [each.code for each in caught.value.problems] == ["key-twice"]
    town.write("departments.yaml", text.replace("tax-1", "police-1"))
    with pytest.raises(DocumentError) as caught:
        town.load()
    assert [each.code for each in caught.value.problems] == ["key-twice"]


def test_a_key_may_be_written_as_pem(town: Any, keys: Any) -> None:
    pem = f"-----BEGIN PUBLIC KEY-----\\n{keys.public('tax')}\\n-----END PUBLIC KEY-----\\n"
    town.change("departments.yaml", keys.public("tax"), pem)
    sign(town.load(), "police-tax", key=town.key("tax"), department="tax", as_of=DAY)
    assert judged(town)[2] == ["tax"]
    town.change("departments.yaml", pem, base64.b64encode(b"x" * 44).decode())
    with pytest.raises(DocumentError) as caught:
        town.load()
    assert [each.code for each in caught.value.problems] == ["bad-public-key"]
