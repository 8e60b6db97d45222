"""The client: one connection pool, one part for each function."""

import httpx

from web.addresses import Addresses
from web.administration import Administration
from web.client.calls.accounts import Accounts
from web.client.calls.activity import Activity
from web.client.calls.alerts import Alerts
from web.client.calls.api import Api
from web.client.calls.batches import Batches
from web.client.calls.datasets import Datasets
from web.client.calls.imports import Imports
from web.client.calls.keys import Keys
from web.client.calls.models import Models
from web.client.calls.monitoring import Monitoring
from web.client.calls.people import People
from web.client.calls.plans import Plans
from web.client.calls.prediction import Prediction
from web.client.calls.reports import Reports
from web.client.calls.sign_in import SignIn
from web.client.calls.system import System
from web.client.calls.training import Training
from web.client.errors import Failure, SignedOut
from web.client.parts import Later, Parts, State, beside
from web.client.plane.plane import Plane
from web.client.transport.endpoint import Endpoint
from web.client.transport.network import DeadlineTransport
from web.client.transport.relay import Relay

# Each open job page holds one stream.
LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=20)


NAMES = ("datasets", "training", "models", "prediction", "monitoring", "reports", "accounts")
HEALTH = "/_/health"
PATIENCE = 3.0
"""Seconds to wait for a function that is asked how it does; no page waits for that."""


class Functions:
    """Every call that web makes, each in the name of the reader (see `credentials`).

    Args:
        addresses: where functions are called.
        transport: the network; tests give another.
        later: has functions asked how they do, beside the page.
        access: to the plane that runs them; None where these pages have none.

    Attributes:
        plane: what administers them, with the plane's password and not the reader's session.
    """

    def __init__(
        self,
        addresses: Addresses,
        transport: httpx.BaseTransport | None = None,
        later: Later = beside,
        access: Administration | None = None,
    ) -> None:
        self._later = later
        self._client = httpx.Client(
            transport=transport or DeadlineTransport(LIMITS, addresses.ingress),
        )
        self.parts = Parts(NAMES)
        self._ends = {name: Endpoint(self._client, addresses, name, self.parts) for name in NAMES}
        self.api = Api(self._ends)
        self.datasets = Datasets(self._ends["datasets"])
        self.imports = Imports(self._ends["datasets"])
        self.training = Training(self._ends["training"])
        self.models = Models(self._ends["models"])
        self.prediction = Prediction(self._ends["prediction"])
        self.batches = Batches(self._ends["prediction"])
        self.monitoring = Monitoring(self._ends["monitoring"])
        self.alerts = Alerts(self._ends["monitoring"])
        self.reports = Reports(self._ends["reports"])
        self.predictions = Relay(addresses, "prediction")
        accounts = self._ends["accounts"]
        self.sign_in = SignIn(accounts)
        self.accounts = Accounts(accounts)
        self.people = People(accounts)
        self.keys = Keys(accounts)
        self.plans = Plans(accounts)
        self.activity = Activity(accounts)
        self.system = System(accounts)
        own = httpx.Client(transport=transport or DeadlineTransport(LIMITS))
        self.plane = Plane(own, access) if access else None

    def states(self) -> dict[str, State]:
        """Return how each function does, at once; what is not known is asked beside the page."""
        self.parts.refresh(self._answers, self._later)
        return self.parts.states

    def _answers(self, function: str) -> bool:
        try:
            with self._ends[function].open("GET", HEALTH, timeout=PATIENCE):
                return True
        except (Failure, SignedOut):
            return self.parts.states[function] == "up"
