"""The project that is looked at, and what infra/cloud/gcp calls its things."""

from dataclasses import dataclass

from infra.local.targets import cloud_run

TOPIC = cloud_run.TOPIC
WEB_SECRET = "mayfly-web-secret"  # noqa: S105 - a name
# Roles by what they are given on: the same as infra/cloud/gcp/identity.tf (a test compares them).
DOCUMENTS_ROLE = "roles/datastore.user"
FILES_ROLE = "roles/storage.objectUser"
TOPIC_ROLE = "roles/pubsub.publisher"
SECRET_ROLE = "roles/secretmanager.secretAccessor"  # noqa: S105 - a role


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        id: its name, such as `a-project`.
        number: its number, as addresses of Cloud Run have it.
        region: of the functions and schedules.
        bucket: of the files.
    """

    id: str
    number: str
    region: str
    bucket: str

    @property
    def functions(self) -> str:
        """The functions' service account."""
        return cloud_run.ACCOUNT.format(project=self.id)

    @property
    def web(self) -> str:
        """The pages' service account."""
        return f"mayfly-web@{self.id}.iam.gserviceaccount.com"

    def url(self, function: str) -> str:
        """Return where a function answers, as infra/cloud/gcp/main.tf has it."""
        return f"https://{function}-{self.number}.{self.region}.run.app"

    def is_near(self, location: str) -> bool:
        """Whether a location of Google's is this region, or a part of the world that it is in."""
        found = location.lower()
        worlds = {"eur3": "europe", "eu": "europe", "nam5": "us", "nam7": "us"}
        world = worlds.get(found, found)
        return found == self.region or self.region.startswith(f"{world}-")
