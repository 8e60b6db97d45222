"""The model card: what a person should know before trusting the model, in Markdown."""

from collections.abc import Sequence

from functions.training.learning.evaluation.report import Evaluation
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.model.jobs import Candidate, Job


def write(job: Job, best: Candidate, decisions: Sequence[Decision], evaluation: Evaluation) -> str:
    """Return the card of the model that `job` made."""
    sections = [
        _head(job, best),
        _data(job, evaluation),
        _measures(evaluation, best),
        _columns(decisions),
        _candidates(job.candidates, evaluation.measure),
        _limits(evaluation),
    ]
    return "\n\n".join(sections) + "\n"


def _head(job: Job, best: Candidate) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in best.settings.items())
    return (
        f"# {job.model}\n\n"
        f"Predicts `{job.target}` ({job.task}) with {_words(best.algorithm)} ({settings}). "
        f"Made by job `{job.id}`."
    )


def _data(job: Job, evaluation: Evaluation) -> str:
    rows = evaluation.rows
    lines = [
        "## Data\n",
        (
            f"Dataset `{job.dataset}`, revision {job.revision}: {rows['train']} rows to train on "
            f"and {rows['held_out']} held out, drawn with seed {job.request.seed}. The held-out "
            "rows took no part in choosing or fitting."
        ),
    ]
    if rows["without_target"]:
        lines.append(f"{rows['without_target']} rows without a target were left out.")
    if evaluation.balance:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in evaluation.balance.items())
        lines.append(f"Classes: {shares}.")
    return "\n".join(lines)


def _measures(evaluation: Evaluation, best: Candidate) -> str:
    rows = [
        [
            _words(name),
            f"{value:.4f}",
            f"{evaluation.baseline[name]:.4f}",
            f"{best.metrics[name]:.4f} ± {best.spread[name]:.4f}",
        ]
        for name, value in evaluation.metrics.items()
    ]
    head = ["measure", "held out", "baseline", f"cross-validation ({best.folds} folds)"]
    return "## Measures\n\n" + _table(head, rows)


def _columns(decisions: Sequence[Decision]) -> str:
    rows = [[_cell(one.column), "yes" if one.used else "no", one.reason] for one in decisions]
    return "## Columns\n\n" + _table(["column", "used", "how, or why not"], rows)


def _candidates(candidates: Sequence[Candidate], measure: str) -> str:
    rows = [
        [
            _words(one.algorithm),
            f"{one.metrics[measure]:.4f}" if one.metrics else f"failed: {_cell(str(one.failure))}",
            f"{one.seconds:.1f} s",
        ]
        for one in candidates
    ]
    return "## Candidates\n\n" + _table(["candidate", _words(measure), "time"], rows)


def _limits(evaluation: Evaluation) -> str:
    parity = (
        f"The ONNX file predicts as scikit-learn does on all {evaluation.parity.rows} held-out "
        f"rows (largest difference {evaluation.parity.max_difference:.1e}, allowed "
        f"{evaluation.parity.tolerance:g})."
    )
    return (
        "## Limits\n\n"
        f"{parity} The measures hold for rows like those of the dataset; what has changed since "
        "is not in them. Importance says what the model looks at, not what causes the target."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(text: str) -> str:
    """Keep a user's text from breaking out of its cell."""
    return " ".join(text.replace("|", "\\|").replace("`", "'").split())
