"""What one connection may take, and all of them together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of connections; all times are in seconds.

    Attributes:
        in_flight: questions of a connection that are being answered; beyond it nothing is read.
        message_bytes: of one message.
        greeting: how long a caller may take to say who it is.
        ping: silence after which the other side is asked whether it is there.
        pong: further silence after which it is not.
        idle: time without a question after which a connection is closed.
        stalled: how long one answer may take to be taken.
        grace: how long a connection that is to close waits for answers that are under way.
        tick: how often a waiting connection looks whether it is over.
        look: how often a caller's credential is asked about.
        each: connections of an account.
        strangers: connections whose caller is not known yet.
        everybody: connections in all; the server has room for 1,000, pages among them.
    """

    in_flight: int = 16
    message_bytes: int = 2**20
    greeting: float = 10.0
    ping: float = 20.0
    pong: float = 20.0
    idle: float = 600.0
    stalled: float = 60.0
    grace: float = 5.0
    tick: float = 1.0
    look: float = 2.0
    each: int = 100
    strangers: int = 100
    everybody: int = 500


USUAL = Limits()
