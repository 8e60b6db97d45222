"""firestore.indexes.json: read, refused, and written from the queries seen."""

import json

import pytest

from emulators.firestore.adapters.index_file import DiskIndexFile, load
from emulators.firestore.model.indexing.definitions import Mode
from emulators.firestore.model.indexing.file import IndexFileError, parse, read
from emulators.firestore.model.indexing.needs import needs_of
from emulators.firestore.model.indexing.writing import entry_of, render
from emulators.firestore.service.index_recording import FileRecorder
from infra.local.settings import INDEXES
from tests.unit.emulators.firestore.declared import (
    GROUP,
    C,
    compiled,
    equal,
    index,
    order,
    short,
    where,
)

UP, DOWN = (Mode.ASCENDING, False), (Mode.DESCENDING, False)


def field(path, **kind):
    return {"fieldPath": path, **(kind or {"order": "ASCENDING"})}


def entry(*fields, **others):
    return {"collectionGroup": "c", "queryScope": "COLLECTION", "fields": list(fields), **others}


def text(*entries, overrides=()):
    return json.dumps({"indexes": entries, "fieldOverrides": overrides})


def test_what_firebase_writes_is_read():
    found = read(
        text(
            entry(field("a"), field("b", order="DESCENDING"), density="SPARSE_ALL"),
            entry(
                field("tags", arrayConfig="CONTAINS"),
                field("m.`x y`"),
                queryScope="COLLECTION_GROUP",
            ),
            entry(field("a"), field("b"), field("__name__", order="DESCENDING")),
            entry(field("e", vectorConfig={"dimension": 3, "flat": {}})),
            entry(field("__name__", order="DESCENDING")),
            overrides=[
                {"collectionGroup": "c", "fieldPath": "*", "indexes": []},
                {
                    "collectionGroup": "c",
                    "fieldPath": "m.x",
                    "ttl": False,
                    "indexes": [
                        {"order": "ASCENDING"},
                        {"order": "DESCENDING", "queryScope": "COLLECTION"},
                    ],
                },
            ],
        )
    )
    assert [short(one) for one in found.composites] == [
        "c a+ b- __name__-",
        "c* tags@ m.`x y`+ __name__+",
        "c a+ b+ __name__-",
        "c e<3>",
        "c __name__-",
    ]
    assert found.overrides == {("c", ()): frozenset(), ("c", ("m", "x")): frozenset({UP, DOWN})}


def test_files_of_2018_are_read():
    old = {
        "collectionId": "c",
        "fields": [
            {"fieldPath": "t", "mode": "ARRAY_CONTAINS"},
            {"fieldPath": "a", "mode": "DESCENDING"},
        ],
    }
    [found] = read(json.dumps({"indexes": [old]})).composites
    assert short(found) == "c t@ a- __name__-"


WRONG = [
    ('{"indexes": [}', "line 1, column 14: Expecting value; the file must be JSON"),
    ("[]", 'the list "indexes"'),
    ("{}", 'the list "indexes"'),
    ('{"indexes": {}}', r"indexes: it must be a list, not \{\}"),
    ('{"indexes": [], "fieldOverrides": 1}', "fieldOverrides: it must be a list, not 1"),
    ('{"indexes": ["c"]}', r'indexes\[0\]: it must be an object, not "c"'),
    (text({"fields": [field("a"), field("b")]}), r'indexes\[0\]: "collectionGroup" is missing'),
    (
        text(entry(field("a"), field("b")), entry(field("a"), field("b"), field("__name__"))),
        r"indexes\[1\]: it is the same index as indexes\[0\]; leave one of them out",
    ),
    (
        text(entry(field("e", vectorConfig={"dimension": 2049, "flat": {}}))),
        "elements, 2048 at most",
    ),
    (text(entry(), entry()), r"indexes\[0\].fields: it names no field"),
    (text({"collectionGroup": "c"}), r"indexes\[0\].fields: it must be a list, not null"),
    (
        text(entry(field("a"), {"order": "ASCENDING"})),
        r'indexes\[0\].fields\[1\]: "fieldPath" is missing',
    ),
    (
        text(entry(field("a"), field("b", order="UP"))),
        r"fields\[1\].order: 'UP' is none of ASCENDING, DESCENDING",
    ),
    (
        text(entry(field("a"), {"fieldPath": "b"})),
        "exactly one of order, arrayConfig and vectorConfig; .* none",
    ),
    (text(entry(field("a", order="ASCENDING", arrayConfig="CONTAINS"))), "order and arrayConfig"),
    (text(entry(field("a", arrayConfig="ANY"))), "arrayConfig: 'ANY' is none of CONTAINS"),
    (
        text(entry(field("a"), field("b"), queryScope="DATABASE")),
        "queryScope: 'DATABASE' is none of COLLECTION, ",
    ),
    (text(entry(field("a b"), field("b"))), r"fields\[0\].fieldPath: 'a b' is no path"),
    (text(entry(field("e", vectorConfig={"dimension": "3"}))), "number of the vectors' elements"),
    (text(entry(field("e", vectorConfig={"dimension": 3}))), '"flat" is missing'),
    (
        text(entry(field("e", vectorConfig={"dimension": 3, "flat": {}}), field("a"))),
        "must be the last",
    ),
    (text(entry(field("__name__"), field("a"))), "__name__ may stand last alone"),
    (text(entry(field("__name__"))), "it names no field"),
    (
        text(entry(field("t", arrayConfig="CONTAINS"), field("u", arrayConfig="CONTAINS"))),
        "one field with arrayConfig",
    ),
    (text(entry(field("a"))), r'indexes\[0\]: .*not necessary.*"fieldOverrides"'),
    (text(entry({"fieldPath": "a", "mode": "UP"})), "mode: 'UP' is none of ASCENDING"),
    (
        text(overrides=[{"collectionGroup": "c", "fieldPath": "a"}]),
        r"fieldOverrides\[0\].indexes: it must be a list",
    ),
    (
        text(
            overrides=[
                {
                    "collectionGroup": "c",
                    "fieldPath": "a",
                    "indexes": [{"queryScope": "COLLECTION"}],
                }
            ]
        ),
        r"fieldOverrides\[0\].indexes\[0\]: it has exactly one of order and arrayConfig",
    ),
    (
        text(overrides=[{"collectionGroup": "c", "fieldPath": "a", "indexes": []}] * 2),
        r"fieldOverrides\[1\]: the field has an entry already",
    ),
]


@pytest.mark.parametrize(("content", "message"), WRONG)
def test_what_is_wrong_is_named(content, message):
    with pytest.raises(IndexFileError, match=message):
        read(content)


@pytest.mark.parametrize(
    "short_text", ["c a+ b-", "c* t@ a+ __name__-", "c __name__-", "c a+ e<3>"]
)
def test_an_index_is_written_as_it_is_read(short_text):
    whole = parse(text(entry_of(index(short_text))))
    [found] = read(render(whole)).composites
    assert found == index(short_text)
    assert ("__name__" in render(whole)) == ("__name__" in short_text)  # only where it must be said


def test_mayfly_s_own_file_is_as_a_recording_leaves_it():
    load(INDEXES)
    assert INDEXES.read_text() == render(parse(INDEXES.read_text()))
    named = json.loads((INDEXES.parent / "firebase.json").read_text())["firestore"]["indexes"]
    assert INDEXES.parent / named == INDEXES


class Recording:
    """A recorder on a file."""

    def __init__(self, path):
        self.path = path
        self.recorder = FileRecorder(DiskIndexFile(path))

    def see(self, *queries):
        for query in queries:
            self.recorder.note(needs_of(compiled(query)))
        return self

    def indexes(self):
        return [short(one).removesuffix(" __name__+") for one in load(self.path).composites]


@pytest.fixture
def recording(tmp_path):
    return Recording(tmp_path / "firestore.indexes.json")


def test_a_recording_begins_with_an_empty_file(recording):
    assert json.loads(recording.path.read_text()) == {"indexes": [], "fieldOverrides": []}
    before = recording.path.stat()
    recording.see(C, equal(C, "a", "b"), order(C, "a-"))  # none of them needs one
    assert recording.path.stat().st_mtime_ns == before.st_mtime_ns


def test_what_queries_need_is_recorded_in_a_stable_order(recording):
    queries = [
        order(equal(C, "b"), "o+"),
        where(C, ("z", ">", 1), ("a", ">", 1)),
        order(equal(GROUP, "x"), "o+"),
        order(equal(C, "b"), "o+"),
        order(equal(C, "a"), "o+"),
    ]
    expected = ["c* x+ o+", "c a+ o+", "c a+ z+", "c b+ o+"]
    assert recording.see(*queries).indexes() == expected
    recorded = recording.path.read_bytes()
    recording.path.unlink()
    assert Recording(recording.path).see(*reversed(queries)).path.read_bytes() == recorded


def test_nothing_that_merging_spares_is_recorded(recording):
    both = order(equal(C, "a", "b"), "o+")
    assert recording.see(both).indexes() == ["c a+ b+ o+"]
    recording.see(order(equal(C, "a"), "o+"))
    assert recording.indexes() == ["c a+ b+ o+", "c a+ o+"]
    recording.see(order(equal(C, "b"), "o+"))  # now both of these serve what was seen first
    assert recording.indexes() == ["c a+ o+", "c b+ o+"]


def test_what_is_there_stays(tmp_path):
    path = tmp_path / "indexes.json"
    ours = entry(field("a"), field("o"), density="SPARSE_ALL")
    ttl = {"collectionGroup": "c", "fieldPath": "until", "ttl": True, "indexes": []}
    path.write_text(text(entry(field("z"), field("y")), ours, overrides=[ttl]))
    recording = Recording(path).see(order(equal(C, "a"), "o+"), order(equal(C, "b"), "o+"))
    assert recording.indexes() == ["c a+ o+", "c b+ o+", "c z+ y+"]
    kept = json.loads(path.read_text())
    assert kept["indexes"][0] == ours
    assert kept["fieldOverrides"] == [ttl]


@pytest.mark.parametrize("spelling", ["b", "`b`"])
def test_single_fields_are_switched_on_beside_what_they_have(tmp_path, spelling):
    path = tmp_path / "indexes.json"
    exempt = {"collectionGroup": "c", "fieldPath": spelling, "ttl": False, "indexes": []}
    path.write_text(text(overrides=[exempt]))
    Recording(path).see(equal(GROUP, "a"), order(GROUP, "a-"), equal(C, "b"))
    all_four = [
        {"queryScope": "COLLECTION", "order": "ASCENDING"},
        {"queryScope": "COLLECTION", "order": "DESCENDING"},
        {"queryScope": "COLLECTION", "arrayConfig": "CONTAINS"},
        {"queryScope": "COLLECTION_GROUP", "order": "ASCENDING"},
        {"queryScope": "COLLECTION_GROUP", "order": "DESCENDING"},
    ]
    found = json.loads(path.read_text())["fieldOverrides"]
    assert sorted(found, key=lambda one: one["fieldPath"].strip("`")) == [
        {"collectionGroup": "c", "fieldPath": "a", "indexes": all_four},
        {**exempt, "indexes": all_four[:1]},
    ]


def test_two_recordings_share_a_file(recording):
    other = Recording(recording.path)
    recording.see(order(equal(C, "a"), "o+"))
    other.see(order(equal(C, "b"), "o+"), order(equal(C, "a", "b"), "o+"))
    recording.see(order(equal(C, "d"), "o+"))
    assert recording.indexes() == ["c a+ o+", "c b+ o+", "c d+ o+"]
    assert sorted(one.name for one in recording.path.parent.iterdir()) == [recording.path.name]


def test_a_file_that_is_spoilt_meanwhile_stops_no_query(recording, caplog):
    recording.path.write_text('{"indexes": 1}')
    recording.see(order(equal(C, "a"), "o+"))
    [said] = caplog.messages
    assert said == ("what queries need cannot be recorded: indexes: it must be a list, not 1.")
    recording.path.unlink()
    assert recording.see(order(equal(C, "b"), "o+")).indexes() == ["c a+ o+", "c b+ o+"]


def test_a_recording_into_no_file_of_indexes_is_refused(tmp_path):
    path = tmp_path / "indexes.json"
    path.write_text("[]")
    with pytest.raises(IndexFileError):
        Recording(path)
    assert path.read_text() == "[]"
