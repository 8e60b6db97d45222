"""The client: one connection pool, one part for each function."""

import httpx

from web.addresses import Addresses
from web.client.datasets import Datasets
from web.client.endpoint import Endpoint
from web.client.models import Models
from web.client.network import DeadlineTransport
from web.client.prediction import Prediction
from web.client.training import Training

# Each open job page holds one stream.
LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=20)


class Functions:
    """Every call that web makes.

    Args:
        addresses: where functions are called.
        key: the API key that web acts with.
        transport: the network; tests give another.
    """

    def __init__(
        self, addresses: Addresses, key: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"},
            transport=transport or DeadlineTransport(LIMITS, addresses.ingress),
        )
        self.datasets = Datasets(Endpoint(self._client, addresses, "datasets"))
        self.training = Training(Endpoint(self._client, addresses, "training"))
        self.models = Models(Endpoint(self._client, addresses, "models"))
        self.prediction = Prediction(Endpoint(self._client, addresses, "prediction"))
