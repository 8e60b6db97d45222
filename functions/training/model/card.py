"""The model card: what a person should know before trusting the model, in Markdown."""

from collections.abc import Sequence

from functions.kit.contract.wording import counted
from functions.training.learning.candidates.algorithms import in_words
from functions.training.learning.evaluation.report import Evaluation
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.model.jobs import Candidate, Job

# Why rows were left out, in words.
LEFT_OUT = {"without_target": "without a target", "tiny_classes": "of classes with too few rows"}

# What else the model is held beside.
BASELINES = {"linear": "a linear model", "previous": "what came last"}


def write(
    job: Job,
    best: Candidate,
    decisions: Sequence[Decision],
    evaluation: Evaluation,
    notes: Sequence[str] = (),
) -> str:
    """Return the card of the model that `job` made; `notes` are what the data made one say."""
    sections = [
        _head(job, best),
        _verdict(evaluation),
        _data(job, evaluation),
        _notes(notes),
        _measures(evaluation, best),
        _answers(evaluation),
        _where_it_errs(evaluation),
        _columns(decisions),
        _candidates(job.candidates, evaluation.measure),
        _limits(evaluation),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(job: Job, best: Candidate) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in best.settings.items())
    return (
        f"# {job.model}\n\n"
        f"Predicts `{job.target}` ({job.task}) with {in_words(best.algorithm)} ({settings}). "
        f"Made by job `{job.id}`."
    )


def _verdict(evaluation: Evaluation) -> str:
    return f"## Verdict\n\n{_cell(evaluation.verdict)}" if evaluation.verdict else ""


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return "## Notes on the data\n\n" + "\n".join(f"- {_cell(note)}" for note in notes)


def _data(job: Job, evaluation: Evaluation) -> str:
    rows = evaluation.rows
    lines = [
        "## Data\n",
        (
            f"Dataset `{job.dataset}`, revision {job.revision}: {rows['train']} rows to train on "
            f"and {rows['held_out']} held out, {_how_split(job)}. The held-out "
            "rows took no part in choosing, nor in what was measured."
        ),
    ]
    if evaluation.fitted_on_all:
        lines.append(
            f"What is served was then fitted on all {rows['train'] + rows['held_out']} rows, with "
            "the same settings."
        )
    lines += [
        f"{counted(count, 'row')} {words} {'was' if count == 1 else 'were'} left out."
        for reason, words in LEFT_OUT.items()
        if (count := rows.get(reason))
    ]
    if evaluation.balance:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in evaluation.balance.items())
        lines.append(f"Classes: {shares}.")
    return "\n".join(lines)


def _how_split(job: Job) -> str:
    if job.request.split.by == "time":
        return "the latest ones"
    return f"by what they hold, with seed {job.request.seed}"


def _measures(evaluation: Evaluation, best: Candidate) -> str:
    rows = [
        [
            _words(name),
            _with_interval(value, evaluation.intervals.get(name)),
            _number(evaluation.baseline.get(name)),
            *(_number(one.get(name)) for one in evaluation.baselines.values()),
            _with_spread(best.metrics.get(name), best.spread.get(name)),
        ]
        for name, value in evaluation.metrics.items()
    ]
    beside = [BASELINES.get(name, name) for name in evaluation.baselines]
    head = ["measure", "held out", "baseline", *beside, f"cross-validation ({best.folds} folds)"]
    return "## Measures\n\n" + _table(head, rows)


def _answers(evaluation: Evaluation) -> str:
    lines = []
    if chosen := evaluation.threshold:
        missed = "" if chosen.met else " That could not be had; this comes nearest."
        lines.append(
            f"From a probability of {chosen.value:.4g} on, a row is called positive: chosen for "
            f"{chosen.goal} on predictions out of folds ({chosen.reached:.4g} there).{missed}"
        )
    if evaluation.certainty:
        what = "interval" if evaluation.residuals else "set"
        rows = [
            [
                f"{one.level:.0%}",
                f"{one.covered:.1%} ({one.low:.1%} to {one.high:.1%})",
                _number(one.size),
            ]
            for one in evaluation.certainty
        ]
        size = "mean width" if evaluation.residuals else "labels in it, on average"
        lines.append(_table([f"stated {what}", "held the truth", size], rows))
    return "## Answers\n\n" + "\n\n".join(lines) if lines else ""


def _where_it_errs(evaluation: Evaluation) -> str:
    if not evaluation.notes:
        return ""
    return "## Where it errs\n\n" + "\n".join(f"- {_cell(note)}" for note in evaluation.notes)


def _columns(decisions: Sequence[Decision]) -> str:
    rows = [
        [_cell(one.column), "yes" if one.used else "no", _cell(one.reason)] for one in decisions
    ]
    return "## Columns\n\n" + _table(["column", "used", "how, or why not"], rows)


def _candidates(candidates: Sequence[Candidate], measure: str) -> str:
    rows = [
        [
            in_words(one.algorithm),
            _outcome(one, measure),
            f"{one.seconds:.1f} s",
        ]
        for one in candidates
    ]
    return "## Candidates\n\n" + _table(["candidate", _words(measure), "time"], rows)


def _outcome(candidate: Candidate, measure: str) -> str:
    if candidate.failure is not None:
        return f"failed: {_cell(candidate.failure)}"
    if candidate.state == "skipped":
        return "not tried to the end" if candidate.seconds else "not tried"
    if candidate.state == "pruned":
        return "set aside: others did better"
    return _number(candidate.metrics.get(measure))


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.4f}"


def _with_interval(value: float, interval: tuple[float, float] | None) -> str:
    if interval is None:
        return _number(value)
    return f"{value:.4f} ({interval[0]:.4f} to {interval[1]:.4f})"


def _with_spread(value: float | None, spread: float | None) -> str:
    return _number(value) if spread is None else f"{_number(value)} ± {spread:.4f}"


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
    """Keep a user's text from breaking out of its cell, and from being a tag of HTML."""
    return " ".join(text.replace("|", "\\|").replace("`", "'").replace("<", "&lt;").split())
