"""Files as real exports write them."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest
from tests.unit.test_fhir_samples import (
    RXNORM,
    ZONE,
    Json,
    bundle,
    check_counts,
    coded,
    patient,
    read_raw,
    real_concepts,
    resource,
)

from trivium.core.errors import RecordError
from trivium.record.fhir_in import read_path

SOUND = [patient(), resource("Observation"), resource("Condition")]


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)  # the same bytes, and so the same test, in every process


def lines(*resources: Json) -> list[bytes]:
    return [orjson.dumps(each) for each in resources or SOUND]


def events(data: bytes) -> list[str]:
    (record,) = read_raw(data, "test.ndjson")
    return sorted(event.origin for event in record.events)


BOTH = ["Condition/x", "Observation/x"]


@pytest.mark.parametrize(
    "data",
    [
        b"\n".join(lines()),
        b"\n\n" + b"\r\n\r\n".join(lines()) + b"\n \n",
        b"\xef\xbb\xbf" + b"\n".join(lines()),
        zipped(b"\n".join(lines())),
        zipped(b"\n".join(lines()[:2])) + zipped(b"\n" + lines()[2]),
        orjson.dumps(SOUND),
        orjson.dumps(bundle(*SOUND)),
        orjson.dumps(bundle(*SOUND), option=orjson.OPT_INDENT_2),
        b"\n".join([lines()[0], orjson.dumps(bundle(*SOUND[1:]))]),
        b"\n".join([lines()[0], orjson.dumps(SOUND[1:])]),
        *[
            orjson.dumps(bundle(*SOUND, kind=kind))
            for kind in ("searchset", "document", "message", "history")
        ],
        orjson.dumps(bundle(bundle(bundle(*SOUND)))),
        orjson.dumps([[[SOUND]]]),
        orjson.dumps(
            {
                "resourceType": "Parameters",
                "parameter": [
                    {"name": "a", "resource": bundle(*SOUND[:2])},
                    {"name": "b", "part": [{"name": "c", "part": [{"resource": SOUND[2]}]}]},
                ],
            }
        ),
    ],
)
def test_every_wrapping(data: bytes) -> None:
    assert events(data) == BOTH


def test_a_line_cut_in_the_middle_is_joined() -> None:
    first, second, third = lines()
    for at in (1, 20, len(second) // 2, len(second) - 1):
        (record,) = read_raw(b"\n".join([first, second[:at], second[at:], third]))
        assert len(record.events) == 2
        assert record.report.notes == {"rejoined-line": 1}
        assert not record.report.skips


def test_a_broken_line_is_skipped_by_its_number() -> None:
    first, second, third = lines()
    (record,) = read_raw(b"\n".join([first, b"", second[:40], third]), "folder/export.ndjson")
    assert [event.origin for event in record.events] == ["Condition/x"]
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [("export.ndjson:3", "bad-json")]
    (record,) = read_raw(b"\n".join([first, b'{"resourceType":"\xff"}', third]))
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [("test.json:2", "not-utf8")]


def test_objects_that_are_no_resources_are_skipped() -> None:
    log = [b'{"exportId":1}', b"5", b'{"resourceType":5}', b'{"resourceType":"a/b"}', b"null"]
    (record,) = read_raw(b"\n".join([*lines(), *log]))
    assert len(record.events) == 2
    assert [skip.reason for skip in record.report.skips] == [
        *("no-resource-type", "not-an-object", "no-resource-type", "no-resource-type", "not-an-object")
    ]


def test_half_a_character_spoils_the_resource_and_not_the_file() -> None:
    broken = lines(resource("Observation", id="bad", valueString="@"))[0].replace(b"@", b"\\ud800")
    (record,) = read_raw(b"[" + b",".join([*lines(), broken]) + b"]")
    bad, *sound = sorted(record.events, key=lambda event: event.origin != "Observation/bad")
    assert len(sound) == 2 and not any(event.unread for event in sound)
    assert bad.absent_reason == "bad-unicode"
    assert bad.concepts == {"ferritin"}
    assert bad.value is None
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("Observation/bad#content", "bad-unicode")
    ]
    repr(record).encode()


@pytest.mark.parametrize(
    ("place", "origins"), [("id", {"Observation/"}), ("code", set()), ("subject", {"Observation/x"})]
)
def test_half_a_character_in_what_names_the_resource(place: str, origins: set[str]) -> None:
    named = {"id": "@", "code": coded("2276-4@"), "subject": {"reference": "Patient/@"}}[place]
    broken = lines(resource("Observation", **{place: named}))[0].replace(b"@", b"\\ud800")
    records = read_raw(b"[" + b",".join([lines()[0], broken]) + b"]")
    repr(records).encode()
    events = [event for record in records for event in record.events]
    assert {event.origin.partition("~")[0] for event in events} == origins
    assert all(event.unread for event in events)


def twice(given: Json, name: str, other: object) -> bytes:
    """The resource with one of its names written a second time."""
    return lines(given)[0][:-1] + b"," + orjson.dumps(name) + b": " + orjson.dumps(other) + b"}"


RESULT = resource("Observation", id="r", valueInteger=5)


@pytest.mark.parametrize(
    ("data", "is_read"),
    [
        (twice(RESULT, "valueInteger", 6), False),
        (twice(RESULT, "valueInteger", 5), True),
        (twice(RESULT, "note", [{"text": 'a "quoted": word'}]), True),
        (twice(RESULT, "code", coded("2276-4", text="again")), False),
        (twice(RESULT, "effectiveDateTime", "2024"), False),
        (twice(RESULT, "status", "entered-in-error"), False),
        (lines(RESULT)[0].replace(b'"coding":', b'"coding":[],"coding" :'), False),
        (lines(RESULT)[0].replace(b'"coding":', b'"coding" :[{"code":"2276-4"}], "coding":'), False),
        (lines(RESULT)[0].replace(b'"code":', b'"\\u0063ode": 5, "code":'), False),
        (lines(RESULT)[0].replace(b'":', b'" :'), True),
        (lines({**RESULT, "note": "@"})[0].replace(b"@", b"\\u0022:\\u0022"), True),
        (twice({**RESULT, "note": "@"}, "valueInteger", 6).replace(b"@", b"\\u0022\\u0022"), False),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_name_that_stands_twice_makes_the_resource_unreadable(
    data: bytes, is_read: bool, whole: bool
) -> None:
    (record,) = read_raw(b"[" + lines()[0] + b"," + data + b"]" if whole else lines()[0] + b"\n" + data)
    (event,) = record.events
    assert event.origin == "Observation/r"
    assert (event.value, event.absent_reason) == ((5, "") if is_read else (None, "repeated-name"))
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == (
        [] if is_read else [("Observation/r#content", "repeated-name")]
    )


def test_a_sound_copy_and_one_that_says_two_things_both_count_in_any_order() -> None:
    sound, odd = lines(RESULT)[0], twice({**RESULT, "valueInteger": 6}, "valueInteger", 5)
    for copies in ((sound, odd), (odd, sound)):
        (record,) = read_raw(b"\n".join([lines()[0], *copies]))
        assert sorted(event.absent_reason for event in record.events) == ["", "repeated-name"]
        assert record.report.notes == {"duplicate-id-differs": 1}


@pytest.mark.parametrize("name", ["id", "subject", "resourceType"])
def test_a_resource_of_two_names_or_two_patients_is_nobodys(name: str) -> None:
    other = {"id": "s", "subject": {"reference": "Patient/q"}, "resourceType": "Condition"}[name]
    (record,) = read_raw(lines()[0] + b"\n" + twice(RESULT, name, other))
    assert not record.events
    assert [skip.reason for skip in record.report.skips] == ["repeated-name"]


def test_a_name_that_stands_twice_in_a_bundle_is_reported() -> None:
    once = orjson.dumps(bundle(*SOUND))
    (record,) = read_raw(once[:-1] + b',"entry":[' + orjson.dumps({"resource": SOUND[0]}) + b"]}")
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [("test.json", "repeated-name")]
    entry = b'{"resource":' + lines(RESULT)[0] + b","
    (record,) = read_raw(once.replace(b'"entry":[{', b'"entry":[' + entry))
    assert [skip.reason for skip in record.report.skips] == ["repeated-name"]


def test_a_broken_medication_is_not_taken_for_the_drug() -> None:
    inside = {"resourceType": "Medication", "id": "m", "code": coded("42316", RXNORM), "status": "active"}
    reference = {"reference": "Medication/m"}
    statement = resource("MedicationStatement", medicationCodeableConcept=None, medicationReference=reference)
    (record,) = read_raw(b"\n".join([lines()[0], twice(inside, "status", "inactive"), lines(statement)[0]]))
    assert not record.events
    assert sorted(skip.reason for skip in record.report.skips) == ["medication-not-found", "repeated-name"]


def test_a_page_of_several_says_so() -> None:
    page = {**bundle(*SOUND, kind="searchset"), "link": [{"relation": "next", "url": "http://host?page=2"}]}
    (record,) = read_raw(orjson.dumps(page))
    assert record.report.notes == {"bundle-has-more-pages": 1}


def test_entries_without_a_resource() -> None:
    odd = bundle(*SOUND)
    odd["entry"] += [None, 5, {"resource": "x"}, {"response": {"status": "200"}}, {"resource": None}]
    (record,) = read_raw(orjson.dumps(odd))
    assert [skip.reason for skip in record.report.skips] == ["malformed"] * 3


def test_resources_without_an_id_have_a_name_all_the_same() -> None:
    given = resource("Observation", id=None)
    (record,) = read_raw(orjson.dumps(bundle(patient(), given, given)))
    assert len(record.events) == 1  # the same content twice is the same thing
    assert record.events[0].origin.startswith("Observation/~")
    entry = {"fullUrl": "urn:uuid:17", "resource": given}
    (record,) = read_raw(orjson.dumps({"resourceType": "Bundle", "entry": [{"resource": patient()}, entry]}))
    assert record.events[0].origin == "Observation/urn:uuid:17"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<Patient/>", "XML"),
        (b"\xef\xbb\xbf <Patient/>", "XML"),
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8bxx", "gzip"),
        (zipped(b"[]" * 1000)[:30], "gzip"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b'{"resourceType":"\xff"}', "UTF-8"),
        (b'{"resourceType":"Patient",}', "not JSON"),
        (b'{"resourceType":"Patient" // a comment\n}', "not JSON"),
        (b'{"resourceType":"Patient","x":NaN}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "no FHIR"),
        (b"[]", "no FHIR"),
        (b"5", "no FHIR"),
        (b'{"resourceType":"Bundle"}', "no FHIR"),
        (b'{"resourceType":"Bundle","entry":5}', "no FHIR"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_at_all_is_an_error_in_words(data: bytes, words: str) -> None:
    with pytest.raises(RecordError, match=words) as caught:
        read_raw(data, "in.json")
    assert caught.value.exit_code == 3
    assert str(caught.value).startswith("in.json: ")


def test_comments_are_named() -> None:
    with pytest.raises(RecordError) as caught:
        read_raw(b'{\n  // the name\n  "resourceType": "Patient"}')
    assert "no comments" in caught.value.hint


def test_folders(tmp_path: Path) -> None:
    first, second, third = lines()
    (tmp_path / "Patient.ndjson").write_bytes(first)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mixed.ndjson.gz").write_bytes(zipped(second + b"\n" + third))
    (tmp_path / "again.json").write_bytes(second)
    (tmp_path / "broken.json").write_bytes(b"{")
    (tmp_path / "old.xml").write_bytes(b"<Patient/>")
    (tmp_path / "README.md").write_bytes(b"#")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "._x.json").write_bytes(b"\x00")
    (record,) = read_path(tmp_path, real_concepts(), ZONE)
    check_counts(record.report)
    assert sorted(event.origin for event in record.events) == BOTH
    assert [(skip.origin, skip.reason) for skip in record.report.skips] == [
        ("broken.json", "bad-json"),
        ("old.xml", "xml"),
    ]
    assert record.report.notes == {"other-file": 1, "repeated-resource": 1}


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        read_path(tmp_path / "none.json", real_concepts(), ZONE)
    with pytest.raises(RecordError, match="no FHIR"):
        read_path(tmp_path, real_concepts(), ZONE)
