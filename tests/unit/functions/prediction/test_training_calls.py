"""What a message says goes on to another function as a head: nothing else can come of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from functions.kit.contract.errors import Unreadable
from functions.kit.grpc.schemas import Schemas
from functions.prediction.service.functions import Asking
from functions.prediction.transport.grpc.training import Training
from functions.prediction.wiring.by_grpc import SCHEMAS as COMPILED


class Functions:
    """Functions that are not to be called."""

    async def ask(self, asking: Asking, body: bytes | None = None) -> bytes:
        raise AssertionError(asking)

    async def send(self, asking: Asking, body: AsyncIterator[bytes]) -> bytes:
        raise AssertionError(asking)

    def events(self, asking: Asking) -> AsyncIterator[bytes]:
        raise AssertionError(asking)


@pytest.mark.parametrize("key", ["a\r\nx-api-key: other", "k\u00e9y", "a\x00"])
def test_a_key_that_is_no_field_of_a_head_is_refused_by_name(key):
    schemas = Schemas(COMPILED)
    message = schemas.method("mayfly.v1.Training", "StartJob").taken(idempotency_key=key)
    with pytest.raises(Unreadable, match=r"idempotency_key .* printable ASCII"):
        asyncio.run(Training(schemas, Functions()).start_job(message, ()))
