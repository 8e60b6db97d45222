"""All checks of a project, one after another."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from infra.local.cloud import (
    documents,
    files,
    identities,
    queue,
    quotas,
    running,
    secrets,
    services,
)
from infra.local.cloud.api import OFF, Api, MissingError, RefusedError
from infra.local.cloud.findings import Finding, note, well, wrong
from infra.local.cloud.project import Project
from infra.local.errors import LocalError

CHECKS: Mapping[str, Callable[[Api, Project], Iterator[Finding]]] = MappingProxyType(
    {
        "APIs": services.check,
        "Firestore": documents.check,
        "bucket": files.check,
        "service accounts": identities.check,
        "queue and schedules": queue.check,
        "secrets": secrets.check,
        "services": running.check,
        "quotas": quotas.check,
    }
)


def project_of(api: Api, name: str, region: str, bucket: str = "") -> Project:
    """Return a project with its number.

    Args:
        api: Google's.
        name: the project's.
        region: of its functions.
        bucket: of its files; empty for the one that infra/cloud/gcp makes.

    Raises:
        LocalError: it is not there, or is being deleted, or may not be seen.
    """
    try:
        found = api.get("cloudresourcemanager", f"v3/projects/{name}")
    except MissingError as error:
        raise LocalError(f"There is no project {name}.", "gcloud projects list") from error
    except RefusedError as error:
        asked = "cloudresourcemanager iam serviceusage"
        names = " ".join(f"{each}.googleapis.com" for each in asked.split())
        raise LocalError(
            f"The project {name} is not there, or may not be seen ({error}).",
            f"gcloud services enable {names} --project {name}"
            if error.reason == OFF
            else "The login needs roles/viewer and roles/iam.securityReviewer there.",
        ) from error
    if found.get("state") != "ACTIVE":
        raise LocalError(f"The project {name} is {found.get('state')}.", "Take another one.")
    number = found["name"].rpartition("/")[2]
    return Project(name, number, region, bucket or f"{name}-mayfly")


def run(api: Api, project: Project) -> Iterator[Finding]:
    """Yield what each check finds; one that may not look says so, and the others go on."""
    yield well(f"project {project.id}", f"it is there (number {project.number})")
    for title, check in CHECKS.items():
        try:
            yield from check(api, project)
        except RefusedError as error:
            yield _refused(title, project, error)
        except MissingError as error:
            yield note(title, f"{error} is gone since it was listed", "Look again.")


def _refused(title: str, project: Project, error: RefusedError) -> Finding:
    if error.reason == OFF:
        return note(title, f"not looked at, as an API is off ({error})")
    grant = f"gcloud projects add-iam-policy-binding {project.id} --member YOU"
    remedy = f"{grant} --role roles/viewer; and once more with roles/iam.securityReviewer"
    return wrong(title, f"not looked at, for this login may not ({error})", remedy)
