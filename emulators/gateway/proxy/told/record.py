"""What the access log and the spans want to know of a call."""

from typing import Protocol


class CallRecord(Protocol):
    """A call that is over.

    Attributes:
        begun: When it began, by `time.monotonic`.
        cold: Whether it was its replica's first call.
        asynchronous: Whether it came from the queue.
        call_id: Its id.
        trace: Its trace's id.
        head: The request's head as the function got it.
    """

    begun: float
    cold: bool
    asynchronous: bool
    call_id: bytes
    trace: bytes
    head: bytes

    @property
    def assigned_at(self) -> float:
        """When it had a replica, by the same clock; 0 when it never had one."""

    @property
    def served_by(self) -> str:
        """The replica's id; empty when it never had one."""

    @property
    def function_label(self) -> str:
        """Name and namespace of the function."""

    @property
    def revision_name(self) -> str:
        """The revision whose turn it was."""
