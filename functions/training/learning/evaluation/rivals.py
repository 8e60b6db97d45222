"""What a version that serves says of held-out rows that it was not trained on."""

from typing import NamedTuple

from functions.kit.contract.measures.held_out import Rival
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Signature
from functions.training.learning.graph import session
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.encoding import encode
from functions.training.learning.splits.seen import new_rows
from functions.training.learning.table import Table


class Serving(NamedTuple):
    """A version that serves.

    Attributes:
        signature: what it takes and gives.
        sha256: of its file.
        onnx: the file.
        snapshot: the Parquet file that it was trained on.
    """

    signature: Signature
    sha256: str
    onnx: bytes
    snapshot: bytes


def ask(plan: Plan, table: Table, serving: Serving) -> Rival | None:
    """Return what it says of those rows that are new to it; None where there are none.

    It is asked as it serves: where that was fitted on all rows of its own, these are not asked for.

    Args:
        plan: whose held-out rows they are.
        table: what the plan was made of.
        serving: the version; its task and labels, in their order, are the plan's.

    Raises:
        Exception: it cannot be asked of this table: a column is gone, or holds something else.
    """
    held, signature = plan.held_out, serving.signature
    target = plan.signature.target
    places = new_rows(table, plan.held_places, held.keys, target, serving.snapshot)
    if not len(places):
        return None
    inputs = encode(signature, table.take(plan.held_places[places]))
    said = session.answers(open_session(serving.onnx), inputs)
    return Rival(serving.sha256, places, said, signature.threshold)
