"""Many clients, one after the other: a new connection loses nothing, not even its first frame."""

import grpc
import pytest

from tests.support.processes import PATIENCE


def test_every_new_connection_is_answered_at_once(emulator):
    for _ in range(60):
        # A channel of its own: grpcio would share one connection between equal channels.
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(emulator.host, options=options) as channel:
            call = channel.unary_unary("/google.firestore.v1.Firestore/GetDocument")
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=PATIENCE)  # an empty name: any answer will do, but one must come
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
