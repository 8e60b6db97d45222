"""Where jobs are in Firestore, and what of each a list is searched and sorted by."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name
from functions.training.model.views import JobOutline

JOBS = "jobs"


def jobs_reference(workspace: str) -> Any:
    """Return the collection of a workspace's jobs."""
    return firestore.client().collection(workspaces.path(workspace, JOBS))


def job_reference(place: Place) -> Any:
    """Return the document of a job; raises NotFound for what cannot be one."""
    if not is_name(place.name):  # Firestore would call it an error of ours
        raise not_found("job", place.name)
    return jobs_reference(place.workspace).document(place.name)


def newest_first(workspace: str) -> Any:
    """Return the query of a workspace's jobs, in the order of its list."""
    descending = google_firestore.Query.DESCENDING
    return jobs_reference(workspace).order_by("created_at", direction=descending)


@translated()
def outlines(workspace: str, since: dt.datetime | None) -> list[JobOutline]:
    """Return jobs in outline, newest first: all, or those made since a moment."""
    query = newest_first(workspace)
    if since is not None:
        query = query.where(filter=google_firestore.FieldFilter("created_at", ">=", since))
    found = query.select(JobOutline.__struct_fields__).stream(**PATIENCE)
    return [_outline(one) for one in found]


@translated()
def outlined(places: Sequence[Place]) -> list[JobOutline]:
    """Return the jobs at these places in outline; without those that are gone."""
    references = [job_reference(place) for place in places]
    fields = JobOutline.__struct_fields__
    found = firestore.client().get_all(references, field_paths=fields, **PATIENCE)
    return [_outline(one) for one in found if one.exists]


def _outline(found: Any) -> JobOutline:
    return msgspec.convert(firestore.plain(found.to_dict()), JobOutline)
