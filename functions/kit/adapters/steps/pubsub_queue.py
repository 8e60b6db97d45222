"""Hints as messages of Cloud Pub/Sub, whose push subscriptions bring them to their functions.

A message has what the event to a broker has: its data, and an attribute for each field.
Subscriptions that unwrap messages (`noWrapper` with `writeMetadata`) send the one as the body and
the others as fields, so that what comes to `POST /steps` is a CloudEvent like a broker's. They
choose by the attribute `ce-function` (infra/cloud/gcp).
"""

import base64
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.adapters.calls.function_calls import HINT_TIMEOUT
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.steps.broker_queue import event_of
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import Step
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import google.auth.exceptions as auth_exceptions
    import google.auth.transport.requests as google_transport
    import requests
else:
    google_transport = Lazy("google.auth.transport.requests")
    auth_exceptions = Lazy("google.auth.exceptions")
    requests = Lazy("requests")

SCOPE = "https://www.googleapis.com/auth/pubsub"


def default_session() -> "google_transport.AuthorizedSession":
    """Return a session with the identity that the platform gives this replica."""
    import google.auth  # noqa: PLC0415 - at the first hint, as its clients are

    credentials, _ = google.auth.default(scopes=[SCOPE])
    return google_transport.AuthorizedSession(credentials)


class PubSubQueue:
    """The Queue that is a topic of Cloud Pub/Sub.

    Args:
        caller: the name of the function that has its steps looked at.
        settings: the topic's address, `https://pubsub.googleapis.com/v1/projects/P/topics/T`, and
            the secret that signs tokens.
        session: what sends with an identity; tests give another.
    """

    def __init__(self, caller: str, settings: Settings, session: Any = default_session) -> None:
        self._caller = caller
        self._secret = settings.step_secret
        self._url = f"{settings.broker_url.rstrip('/')}:publish"
        self._session = Once(session)

    def look(self, step: Step) -> None:
        """See Queue."""
        fields, content = event_of(self._caller, self._secret, step)
        message = {"data": base64.b64encode(content).decode(), "attributes": fields}
        body = msgspec.json.encode({"messages": [message]})
        try:
            answer = self._session().post(
                self._url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=HINT_TIMEOUT[:2],
            )
        except (requests.RequestException, auth_exceptions.GoogleAuthError) as error:
            raise Away(f"The topic {self._url} does not answer ({error}).") from error
        if answer.status_code != 200:
            reason = f"{answer.status_code} {answer.text.strip()[:200]}"
            raise Away(f"The topic {self._url} did not take {step.path}: {reason}")
