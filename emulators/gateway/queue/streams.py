"""The streams at the server: what each keeps, and for how long."""

from nats.js.api import RetentionPolicy, StorageType, StreamConfig

from emulators.gateway.queue.subjects import (
    CALL_SUBJECT,
    DEAD_SUBJECT,
    EVENT_SUBJECT,
    OUTCOME_SUBJECT,
)

CALLS = "mayfly-async"
DEAD = "mayfly-async-dead"
OUTCOMES = "mayfly-async-outcomes"
EVENTS = "mayfly-events"
_EVENT_ONCE_SECONDS = 3600  # for how long an event that is sent again is recognised
_OUTCOME_SECONDS = 24 * 3600


def stream_configs() -> list[StreamConfig]:
    """Return what the server is asked to have; everything lies on its disk."""
    work, limits = RetentionPolicy.WORK_QUEUE, RetentionPolicy.LIMITS
    return [
        _config(CALLS, CALL_SUBJECT, work),
        _config(DEAD, DEAD_SUBJECT, limits),
        _config(OUTCOMES, OUTCOME_SUBJECT, limits, max_age=_OUTCOME_SECONDS, each=1),
        _config(EVENTS, EVENT_SUBJECT, work, once=_EVENT_ONCE_SECONDS),
    ]


def _config(
    name: str,
    prefix: str,
    retention: RetentionPolicy,
    *,
    max_age: float = 0,
    each: int = -1,
    once: float = 0,
) -> StreamConfig:
    """Describe a stream.

    Args:
        name: The stream's.
        prefix: Of its subjects.
        retention: When a message goes: once it is done with, or by age and number.
        max_age: Seconds that a message is kept; 0: for ever.
        each: The most messages of one subject; -1: any number.
        once: Seconds for which a message that is sent again is recognised; 0: the server's own.
    """
    return StreamConfig(
        name=name,
        subjects=[f"{prefix}.>"],
        retention=retention,
        storage=StorageType.FILE,
        max_age=max_age,
        max_msgs_per_subject=each,
        duplicate_window=once,
    )
