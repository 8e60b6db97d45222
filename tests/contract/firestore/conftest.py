import uuid

import grpc
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from tests.contract.firestore.emulator import Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    emulator = Emulator(tmp_path_factory.mktemp("firestore")).start()
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture
def project():
    """A project of its own for each test: databases are apart."""
    return f"p-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def database(project):
    return f"projects/{project}/databases/(default)"


@pytest.fixture
def channel(emulator):
    with grpc.insecure_channel(emulator.host) as channel:
        yield channel


@pytest.fixture
def connect(emulator, monkeypatch):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
    clients = []

    def connect(project, kind=firestore.Client, **options):
        client = kind(project=project, credentials=AnonymousCredentials(), **options)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        if isinstance(client, firestore.Client):
            client.close()


@pytest.fixture
def client(connect, project):
    return connect(project)
