"""The plane: what administers functions, wherever they run."""

import httpx

from web.administration import Administration
from web.client.plane.connection import Connection
from web.client.plane.figures import Counted
from web.client.plane.knative import Knative
from web.client.plane.openfaas import OpenFaas


class Plane:
    """The APIs of one gateway; a platform may have one of them alone.

    Args:
        client: connections of its own: what they carry is no reader's.
        access: where it is, and its password.
    """

    def __init__(self, client: httpx.Client, access: Administration) -> None:
        connection = Connection(client, access)
        self.openfaas = OpenFaas(connection)
        self.knative = Knative(connection)
        self.counted = Counted(client, access.metrics)
