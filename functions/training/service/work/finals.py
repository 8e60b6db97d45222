"""What is made of the candidates that went all the way: one model, or the next best's."""

from dataclasses import dataclass

import structlog

from functions.kit.contract.errors import Transient
from functions.kit.contract.signature import Signature
from functions.training.learning.candidates import final_fit
from functions.training.learning.evaluation.report import Evaluation
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.model import search
from functions.training.model.jobs import Candidate, Job, Member
from functions.training.service.work.base import reason

log = structlog.get_logger()


@dataclass(frozen=True)
class Final:
    """A model that may be registered, and what there is to know of it."""

    onnx: bytes
    evaluation: Evaluation
    signature: Signature
    decisions: list[Decision]
    members: list[Member]
    notes: list[str]


def make(plan: Plan, job: Job) -> Final:
    """Make the model of the best candidate whose file predicts as it does.

    Raises:
        Exception: what the last one to be tried met; none can be exported.
    """
    notes = search.notes(job)
    ranked = ranking(job)
    for place, one in enumerate(ranked):
        try:
            made = final_fit.make_model(plan, one.choice, job.request.seed)
        except Transient:
            raise
        except Exception as error:
            if place == len(ranked) - 1:
                raise
            log.warning("candidate left out", job=job.id, candidate=one.index, exc_info=error)
            notes.append(f"Candidate {one.index} ({one.algorithm}) is left out: {reason(error)}")
            continue
        return Final(
            made.onnx,
            made.evaluation,
            plan.signature,
            plan.decisions,
            [Member(one.index, 1.0)],
            notes,
        )
    raise ValueError(f"job {job.id} has no candidate that went all the way")


def ranking(job: Job) -> list[Candidate]:
    """Return those candidates that went all the way, the best first; of equals the first."""
    done = [one for one in job.candidates if one.state == "succeeded"]
    return sorted(done, key=lambda one: (-(one.score or 0.0), one.index))
