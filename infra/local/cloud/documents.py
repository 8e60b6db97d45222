"""Firestore: mode, place, protection, and the indexes that queries need."""

import json
from collections.abc import Iterator
from typing import Any

from infra.local.cloud.api import OFF, Api, MissingError, RefusedError
from infra.local.cloud.findings import Finding, judged, note, well, wrong
from infra.local.cloud.project import Project
from infra.local.moving.work import MARK, WHOLE
from infra.local.settings import INDEXES, ROOT

WHERE = "Firestore"
RULES = ROOT / "infra" / "cloud" / "gcp" / "firestore.rules"
DEPLOY = "cd infra/cloud/gcp && firebase deploy --only firestore:indexes --project"
# What holds for every field that has no setting of its own.
DEFAULT = ("__default__", "*")
Index = tuple[str, str, tuple[tuple[str, str], ...]]
"""Collection group, scope, and each field with its order or `CONTAINS`."""


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield what is to be said of the database `(default)`."""
    home = f"v1/projects/{project.id}/databases/(default)"
    try:
        database = api.get("firestore", home)
    except MissingError:
        remedy = f"gcloud firestore databases create --location LOCATION --project {project.id}"
        yield wrong(WHERE, "there is no database (default)", remedy)
        return
    yield judged(
        WHERE,
        (
            (database.get("type") != "FIRESTORE_NATIVE", f"it is in mode {database.get('type')}"),
            (
                database.get("databaseEdition", "STANDARD") != "STANDARD",
                "it is of another edition than Standard, which indexes each field by itself",
            ),
        ),
        "native mode, Standard edition",
        "Mayfly needs that: take another project, or delete the database and make it anew.",
    )
    yield _place(project, database)
    yield from _protection(project, database)
    yield from _indexes(api, project, home)
    yield from _overrides(api, project, home)
    yield from _rules(api, project)
    yield from _moving(api, home)


def _moving(api: Api, home: str) -> Iterator[Finding]:
    """Tell of a backup that was begun to be moved here."""
    try:
        found = api.get("firestore", f"{home}/documents/{MARK}")["fields"]
    except MissingError:
        return
    made, state = (found[name]["stringValue"] for name in ("made_at", "state"))
    if state == WHOLE:
        yield well(WHERE, f"all of the backup of {made} is there")
    else:
        remedy = "Give ./mayfly restore --to-project again: it goes on where it was."
        yield wrong(WHERE, f"the backup of {made} is there in part alone", remedy)


def _place(project: Project, database: dict[str, Any]) -> Finding:
    location = str(database.get("locationId"))
    if project.is_near(location):
        return well(WHERE, f"in {location}, as the functions are in {project.region}")
    said = f"in {location}, far from the functions in {project.region}: each read takes the way"
    return note(WHERE, said, "A database never moves: choose the region by it.")


def _protection(project: Project, database: dict[str, Any]) -> Iterator[Finding]:
    change = f"gcloud firestore databases update --database='(default)' --project {project.id}"
    if database.get("deleteProtectionState") == "DELETE_PROTECTION_ENABLED":
        yield well(WHERE, "it is protected from being deleted")
    else:
        yield wrong(WHERE, "a command may delete it", f"{change} --delete-protection")
    if database.get("pointInTimeRecoveryEnablement") == "POINT_IN_TIME_RECOVERY_ENABLED":
        yield well(WHERE, "a moment of the last seven days can be had back")
    else:
        yield note(WHERE, "only the last hour can be had back", f"{change} --enable-pitr")


def _indexes(api: Api, project: Project, home: str) -> Iterator[Finding]:
    """Compare what is there with what is declared."""
    wanted = {_declared(one) for one in json.loads(INDEXES.read_text())["indexes"]}
    path = f"{home}/collectionGroups/-/indexes"
    there = {_there(one): one.get("state") for one in api.all("firestore", path, "indexes")}
    where = f"{WHERE}'s indexes"
    for index in sorted(wanted - there.keys()):
        yield wrong(where, f"{_said(index)} is missing", f"{DEPLOY} {project.id}")
    for index, state in sorted(there.items()):
        if index not in wanted:
            yield note(where, f"{_said(index)} is needed by no query: each write pays for it")
        elif state != "READY":
            yield wrong(where, f"{_said(index)} is {state}", "Wait until it is built.")
    if wanted <= there.keys():
        yield well(where, f"all {len(wanted)} that are declared are there")


def _overrides(api: Api, project: Project, home: str) -> Iterator[Finding]:
    """Compare the fields that are indexed otherwise than by themselves: queries rely on that."""
    path = f"{home}/collectionGroups/-/fields"
    own = "indexConfig.usesAncestorConfig:false"
    fields = api.all("firestore", path, "fields", filter=own)
    there = dict(map(_field, fields))
    there.pop(DEFAULT, None)
    declared = {
        (one["collectionGroup"], one["fieldPath"]): {_mode(index) for index in one["indexes"]}
        for one in json.loads(INDEXES.read_text())["fieldOverrides"]
    }
    where, deploy = f"{WHERE}'s indexes", f"{DEPLOY} {project.id}"
    for place in sorted(there.keys() | declared.keys()):
        said = f"the field {place[1]} of {place[0]}"
        if place not in there:
            yield note(where, f"{said} has indexes that no query reads: each write pays", deploy)
        elif there[place] != declared.get(place):
            yield wrong(where, f"{said} is set otherwise than infra/cloud/gcp says", deploy)


def _field(field: dict[str, Any]) -> tuple[tuple[str, str], set[tuple[str, str]]]:
    """Return group and path of `.../collectionGroups/GROUP/fields/PATH`, and its indexes."""
    group, _, name = field["name"].partition("/collectionGroups/")[2].partition("/fields/")
    indexes = field.get("indexConfig", {}).get("indexes", ())
    return (group, name), {_mode(one | one["fields"][0]) for one in indexes}


def _mode(index: dict[str, Any]) -> tuple[str, str]:
    return index.get("queryScope", "COLLECTION"), _kind(index)


def _rules(api: Api, project: Project) -> Iterator[Finding]:
    """Look at what browsers may: nothing, which is so as well where no rules were ever released."""
    where = f"{WHERE}'s rules"
    try:
        path = f"v1/projects/{project.id}/releases/cloud.firestore"
        name = api.get("firebaserules", path)["rulesetName"]
    except MissingError:
        yield well(where, "none were released: browsers may nothing")
        return
    except RefusedError as error:
        if error.reason != OFF:
            raise
        yield note(where, "not looked at: the API that releases them, firebaserules, is off")
        return
    files = api.get("firebaserules", f"v1/{name}")["source"]["files"]
    if [one["content"].split() for one in files] == [RULES.read_text().split()]:
        yield well(where, "browsers may nothing")
    else:
        remedy = "Release infra/cloud/gcp/firestore.rules: terraform apply."
        yield wrong(where, "they are not those of infra/cloud/gcp/firestore.rules", remedy)


def _declared(index: dict[str, Any]) -> Index:
    fields = tuple((one["fieldPath"], _kind(one)) for one in index["fields"])
    return index["collectionGroup"], index.get("queryScope", "COLLECTION"), _without_name(fields)


def _there(index: dict[str, Any]) -> Index:
    """Return an index of `.../collectionGroups/GROUP/indexes/ID`."""
    group = index["name"].rpartition("/indexes/")[0].rpartition("/")[2]
    fields = tuple((one["fieldPath"], _kind(one)) for one in index["fields"])
    return group, index["queryScope"], _without_name(fields)


def _kind(field: dict[str, Any]) -> str:
    return str(field.get("order") or field.get("arrayConfig") or "VECTOR")


def _without_name(fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Leave out the name at the end, which the service adds by itself."""
    return fields[:-1] if fields and fields[-1][0] == "__name__" else fields


def _said(index: Index) -> str:
    group, scope, fields = index
    return f"{group} ({', '.join(f'{name} {kind}' for name, kind in fields)}; {scope})"
