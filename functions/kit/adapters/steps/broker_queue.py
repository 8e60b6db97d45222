"""Hints as CloudEvents to a broker, whose triggers bring them to the function that they name.

A broker passes no Authorization header on: the token that opens the step travels in the data.
"""

import uuid
from typing import TYPE_CHECKING

import msgspec

from functions.kit.adapters.calls.function_calls import HINT_TIMEOUT
from functions.kit.adapters.calls.step_tokens import HINT_LIFE, Call, authorization
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import EVENT_TYPE, Hint, Step
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import httpx
else:
    httpx = Lazy("httpx")


class BrokerQueue:
    """The Queue that is a broker of Knative Eventing, or whatever else takes CloudEvents.

    Args:
        caller: the name of the function that has its steps looked at.
        settings: the broker's address, and the secret that signs tokens.
        transport: the network; tests give another.
    """

    def __init__(
        self, caller: str, settings: Settings, transport: "httpx.BaseTransport | None" = None
    ) -> None:
        self._caller = caller
        self._secret = settings.step_secret
        self._url = settings.broker_url
        self._transport = transport
        self._http = Once(self._client)

    def _client(self) -> "httpx.Client":
        """Return the client; without TLS no certificates are read either."""
        secure = self._url.startswith("https:")
        return httpx.Client(timeout=HINT_TIMEOUT, transport=self._transport, verify=secure)

    def look(self, step: Step) -> None:
        """See Queue."""
        headers, content = event_of(self._caller, self._secret, step)
        try:
            response = self._http().post(self._url, content=content, headers=headers)
        except httpx.TransportError as error:
            raise Away(f"The broker {self._url} does not answer ({error}).") from error
        if not response.is_success:
            reason = f"{response.status_code} {response.text.strip()[:200]}"
            raise Away(f"The broker {self._url} did not take {step.path}: {reason}")


def event_of(caller: str, secret: str, step: Step) -> tuple[dict[str, str], bytes]:
    """Return fields and data of the CloudEvent that is a hint to look at a step.

    Each hint is an event of its own, to be delivered anew.
    """
    call = Call("POST", step.function, step.path)
    token = authorization(secret, caller, call, life=HINT_LIFE).partition(" ")[2]
    fields = {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": uuid.uuid4().hex,
        "ce-source": f"/mayfly/{caller}",
        "ce-type": EVENT_TYPE,
        "ce-function": step.function,
    }
    return fields, msgspec.json.encode(Hint(step.path, token))
