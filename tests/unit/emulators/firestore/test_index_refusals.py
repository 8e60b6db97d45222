"""The words and links with which the real service refuses, from published logs of real projects."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from google.cloud.firestore_admin_v1.types import Index

from emulators.firestore.model.errors import FailedPreconditionError
from emulators.firestore.model.indexing.needs import index_for, needs_of, ranges_apart
from emulators.firestore.model.indexing.refusal import refusal
from tests.unit.emulators.firestore.declared import CLIENT, compiled, equal, index, order, where

CONSOLE = "https://console.firebase.google.com/v1/r/project/"
GUIDE = (
    " .\nThe query contains range and inequality filters on multiple fields, please refer to the "
    "documentation for index selection best practices: "
    "https://cloud.google.com/firestore/docs/query-data/multiple-range-fields."
)
COMPOSITE = "The query requires an index. You can create it here: "


def words(project, definition, *, apart=False, database="(default)"):
    return str(refusal(f"projects/{project}/databases/{database}", definition, ranges_apart=apart))


def refused(project, query):
    compiled_query = compiled(query)
    [need] = needs_of(compiled_query)
    needed = index_for(need)
    return words(project, needed, apart=ranges_apart(compiled_query))


def collection(name):
    return CLIENT.collection(name)._query()


REAL = {
    "equality and order": (
        "crcmusiccharts",
        order(equal(collection("scheduling_assignments"), "status"), "assignedAt-"),
        (
            "Cl1wcm9qZWN0cy9jcmNtdXNpY2NoYXJ0cy9kYXRhYmFzZXMvKGRlZmF1bHQpL2NvbGxlY3Rpb25Hcm91cHMvc2NoZWR1"
            "bGluZ19hc3NpZ25tZW50cy9pbmRleGVzL18QARoKCgZzdGF0dXMQARoOCgphc3NpZ25lZEF0EAIaDAoIX19uYW1lX18Q"
            "Ag"
        ),
        "",
    ),
    "array and order": (
        "boofer-chat",
        order(
            where(collection("conversations"), ("participants", "array_contains", 1)), "updatedAt-"
        ),
        (
            "ClFwcm9qZWN0cy9ib29mZXItY2hhdC9kYXRhYmFzZXMvKGRlZmF1bHQpL2NvbGxlY3Rpb25Hcm91cHMvY29udmVyc2F0"
            "aW9ucy9pbmRleGVzL18QARoQCgxwYXJ0aWNpcGFudHMYARoNCgl1cGRhdGVkQXQQAhoMCghfX25hbWVfXxAC"
        ),
        "",
    ),
    "equalities in order, a range": (
        "convergepanel",
        where(
            equal(collection("runs"), "workspaceId", "status", "governanceStatus", "projectId"),
            ("governanceReviewedAt", ">", ""),
        ),
        (
            "Ckpwcm9qZWN0cy9jb252ZXJnZXBhbmVsL2RhdGFiYXNlcy8oZGVmYXVsdCkvY29sbGVjdGlvbkdyb3Vwcy9ydW5zL2lu"
            "ZGV4ZXMvXxABGhQKEGdvdmVybmFuY2VTdGF0dXMQARoNCglwcm9qZWN0SWQQARoKCgZzdGF0dXMQARoPCgt3b3Jrc3Bh"
            "Y2VJZBABGhgKFGdvdmVybmFuY2VSZXZpZXdlZEF0EAEaDAoIX19uYW1lX18QAQ"
        ),
        "",
    ),
    "ranges apart": (
        "convergepanel",
        where(
            equal(collection("runs"), "workspaceId", "status", "projectId"),
            ("governanceStatus", "not-in", ["approved", "needs_review", "blocked"]),
            ("governanceReviewedAt", ">", ""),
        ),
        (
            "Ckpwcm9qZWN0cy9jb252ZXJnZXBhbmVsL2RhdGFiYXNlcy8oZGVmYXVsdCkvY29sbGVjdGlvbkdyb3Vwcy9ydW5zL2lu"
            "ZGV4ZXMvXxABGg0KCXByb2plY3RJZBABGgoKBnN0YXR1cxABGg8KC3dvcmtzcGFjZUlkEAEaGAoUZ292ZXJuYW5jZVJl"
            "dmlld2VkQXQQARoUChBnb3Zlcm5hbmNlU3RhdHVzEAEaDAoIX19uYW1lX18QAQ"
        ),
        GUIDE,
    ),
    "array, equality, two orders": (
        "hyfinances-1532e",
        order(
            equal(
                where(collection("transactions"), ("categoryIds", "array_contains", 1)),
                "userId",
                "type",
            ),
            "categoryIds-",
            "date-",
        ),
        (
            "ClVwcm9qZWN0cy9oeWZpbmFuY2VzLTE1MzJlL2RhdGFiYXNlcy8oZGVmYXVsdCkvY29sbGVjdGlvbkdyb3Vwcy90cmFu"
            "c2FjdGlvbnMvaW5kZXhlcy9fEAEaDwoLY2F0ZWdvcnlJZHMYARoICgR0eXBlEAEaCgoGdXNlcklkEAEaDwoLY2F0ZWdv"
            "cnlJZHMQAhoICgRkYXRlEAIaDAoIX19uYW1lX18QAg"
        ),
        "",
    ),
    "a range behind another order": (
        "intexuraos-dev-pbuchman",
        order(
            where(
                equal(collection("mobile_notifications"), "userId", "app"), ("timestamp", ">", 1)
            ),
            "receivedAt-",
        ),
        (
            "CmRwcm9qZWN0cy9pbnRleHVyYW9zLWRldi1wYnVjaG1hbi9kYXRhYmFzZXMvKGRlZmF1bHQpL2NvbGxlY3Rpb25Hcm91"
            "cHMvbW9iaWxlX25vdGlmaWNhdGlvbnMvaW5kZXhlcy9fEAEaBwoDYXBwEAEaCgoGdXNlcklkEAEaDgoKcmVjZWl2ZWRB"
            "dBACGg0KCXRpbWVzdGFtcBACGgwKCF9fbmFtZV9fEAI"
        ),
        GUIDE,
    ),
}


@pytest.mark.parametrize(("project", "query", "link", "after"), REAL.values(), ids=REAL)
def test_composite_indexes(project, query, link, after):
    page = f"{CONSOLE}{project}/firestore/indexes?create_composite={link}"
    assert refused(project, query) == f"{COMPOSITE}{page}{after}"


def test_single_fields():
    group = CLIENT.collection_group("reminders")
    link = (
        "Cllwcm9qZWN0cy90YXNrYWxlcnQtYXBwLThkNDVkL2RhdGFiYXNlcy8oZGVmYXVsdCkvY29sbGVjdGlvbkdyb3Vwcy9y"
        "ZW1pbmRlcnMvZmllbGRzL3N0YXR1cxACGgoKBnN0YXR1cxAB"
    )
    assert refused("taskalert-app-8d45d", equal(group, "status")) == (
        "The query requires a COLLECTION_GROUP_ASC index for collection reminders and field "
        f"status. You can create it here: {CONSOLE}taskalert-app-8d45d/firestore/indexes"
        f"?create_exemption={link}"
    )
    kinds = {
        "c a+": "COLLECTION_ASC index for collection c and field a.",
        "c a-": "COLLECTION_DESC index for collection c and field a.",
        "c* m.t@": "COLLECTION_GROUP_CONTAINS index for collection c and field m.t.",
        "c* `é`-": "COLLECTION_GROUP_DESC index for collection c and field `é`.",
    }
    for text, kind in kinds.items():
        assert words("p", index(text)).startswith(f"The query requires a {kind} You can create ")


def test_vectors():
    command = (
        "Missing vector index configuration. Please create the required index with the following "
        "gcloud command: gcloud firestore indexes composite create --project=myhack2026-2f569 "
        "--collection-group=programmes --query-scope=COLLECTION --field-config=vector-config="
        '\'{"dimension":"768","flat": "{}"}\',field-path=embedding'
    )
    assert words("myhack2026-2f569", index("programmes embedding<768>")) == command
    filtered = words("p", index("c* t@ a+ emb<3>"), database="d")
    assert (
        "--project=p --database=d --collection-group=c --query-scope=COLLECTION_GROUP" in filtered
    )
    assert (
        "--field-config=array-config=CONTAINS,field-path=t "
        "--field-config=order=ASCENDING,field-path=a --field-config=vector-config="
    ) in filtered


@pytest.mark.parametrize("text", ["c a+ b-", "c* t@ m.`é`+ __name__-", "c __name__-", "c* a+"])
def test_the_link_holds_the_official_message(text):
    definition = index(text)
    error = refusal("projects/p/databases/other", definition, ranges_apart=False)
    assert isinstance(error, FailedPreconditionError)
    [(kind, [link])] = parse_qs(urlsplit(str(error).split()[-1]).query).items()
    found = Index.deserialize(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4)))
    home = "projects/p/databases/other/collectionGroups/c"
    names = {"create_composite": f"{home}/indexes/_", "create_exemption": f"{home}/fields/a"}
    assert found.name == names[kind]
    assert found.query_scope.name == ("COLLECTION_GROUP" if definition.group else "COLLECTION")
    told = [(one.field_path, one.order.name, one.array_config.name) for one in found.fields]
    given = [
        (one.text, "ORDER_UNSPECIFIED", "CONTAINS")
        if one.mode == "CONTAINS"
        else (one.text, str(one.mode), "ARRAY_CONFIG_UNSPECIFIED")
        for one in definition.columns
    ]
    assert told[: len(given)] == given
    names_last = "DESCENDING" if definition.name_descending else "ASCENDING"
    last = [("__name__", names_last, "ARRAY_CONFIG_UNSPECIFIED")]
    assert told[len(given) :] == ([] if definition.is_single_field else last)


def test_long_names_are_encoded():
    definition = index(f"{'c' * 300} {'a' * 200}+ b+")
    link = words("p", definition).rpartition("=")[2]
    found = Index.deserialize(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4)))
    assert found.fields[0].field_path == "a" * 200
    assert f"/collectionGroups/{'c' * 300}/indexes/_" in found.name
