"""What steps work with."""

from typing import NamedTuple

from functions.kit.contract.ports import Bucket, Clock
from functions.training.learning.large import memory
from functions.training.learning.plans import Plans
from functions.training.service.ports import JobStore, OtherFunctions
from functions.training.service.step_kinds.room import Room


class Pace(NamedTuple):
    """How much is done at a go, in seconds of work.

    Attributes:
        turn: after which a candidate is given back, behind the steps of other jobs.
        record: after which results are written: what a kill may cost.
    """

    turn: float = 2.0
    record: float = 0.5


class Tools(NamedTuple):
    """What steps work with.

    Attributes:
        store: the jobs.
        functions: the other functions.
        files: snapshots and ONNX files.
        clock: tells when something happens, and how long it took.
        plans: of the jobs that this process works at.
        room: what its steps share.
        memory: bytes that a replica has.
        pace: how much is done at a go.
    """

    store: JobStore
    functions: OtherFunctions
    files: Bucket
    clock: Clock
    plans: Plans
    room: Room
    memory: int = memory.USUAL
    pace: Pace = Pace()
