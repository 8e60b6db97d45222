"""Many clients, one after the other: a new connection loses nothing, not even its first frame."""

import grpc


def test_every_new_connection_is_answered_at_once(emulator):
    for _ in range(60):
        # A channel of its own: grpcio would share one connection between equal channels.
        with grpc.insecure_channel(
            emulator.host, options=[("grpc.use_local_subchannel_pool", 1)]
        ) as channel:
            grpc.channel_ready_future(channel).result(timeout=5)
