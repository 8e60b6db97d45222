"""The streams at the queue's server: what each keeps, and for how long."""

from nats.js import JetStreamContext
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


async def make_streams(context: JetStreamContext) -> None:
    """Make the streams that are not there yet."""
    for name, subject, retention, age, each, once in (
        (CALLS, CALL_SUBJECT, RetentionPolicy.WORK_QUEUE, 0, -1, 0),
        (DEAD, DEAD_SUBJECT, RetentionPolicy.LIMITS, 0, -1, 0),
        (OUTCOMES, OUTCOME_SUBJECT, RetentionPolicy.LIMITS, _OUTCOME_SECONDS, 1, 0),
        (EVENTS, EVENT_SUBJECT, RetentionPolicy.WORK_QUEUE, 0, -1, _EVENT_ONCE_SECONDS),
    ):
        await context.add_stream(
            StreamConfig(
                name=name,
                subjects=[f"{subject}.>"],
                retention=retention,
                storage=StorageType.FILE,
                max_age=age,
                max_msgs_per_subject=each,
                duplicate_window=once,
            )
        )
