# %% [markdown]
# # A report on a model
#
# What it was made of, what was tried, how good it is on rows that it has not seen, how certain its
# answers are, and how it has done since.

# %%
"""What is known of the model lies beside this notebook, in `facts.json`."""

import json
from pathlib import Path

from functions.reports.notebooks.candidates import compared, searched, tried
from functions.reports.notebooks.evaluation import (
    answers,
    balance,
    certainty,
    curves,
    dependence,
    learning,
    measures_of,
    slices,
    thresholds,
    what_counts,
)
from functions.reports.notebooks.marks import plain
from functions.reports.notebooks.show import figure, notes, say, table, title
from functions.reports.notebooks.windows import alarms, others, quality, traffic
from functions.reports.notebooks.words import counted, listed, moment, number, words

facts = json.loads(Path("facts.json").read_text())
version, job, windows = facts["version"], facts["job"], facts["windows"]
told, signature = version["evaluation"], version["signature"]
hidden = [one["name"] for one in signature["columns"] if one.get("sensitive")]
regression = version["task"] == "regression"
candidates = job["candidates"] if job else []
best = next((one for one in candidates if job and one["index"] == job["best"]), None)

# %%
title(
    f"Model {version['model']}, version {version['version']}",
    f"Predicts “{version['target']}” ({version['task']}), {moment(facts['made_at'])}",
)
if told.get("verdict"):
    say(told["verdict"])

# %%
table(
    "The version.",
    ["what", "value"],
    [
        ["model and version", f"{version['model']}, {version['version']}"],
        ["aliases", ", ".join(facts["aliases"]) or "none"],
        ["predicts", f"{version['target']} ({version['task']})"],
        ["algorithm", words(version["algorithm"])],
        ["registered", moment(version["created_at"])],
        ["tags", ", ".join(version["tags"]) or "none"],
        ["note", version["note"] or "none"],
    ],
    texts=(0, 1),
)

# %% [markdown]
# ## Data

# %%
rows = told.get("rows") or {}
used = {one["column"] for one in signature["features"]}
table(
    "What it learnt from.",
    ["what", "value"],
    [
        ["dataset", version["dataset"] or "none of ours"],
        ["revision", number(version["revision"]) if version["dataset"] else "none"],
        ["rows for training", number(rows.get("train"))],
        ["rows held out", number(rows.get("held_out"))],
        ["columns that it looks at", number(len(used))],
    ],
    texts=(0, 1),
)
table(
    "The columns.",
    ["column", "kind", "may be missing", "looked at"],
    [
        [
            one["name"],
            one["kind"],
            "no" if one.get("required") else "yes",
            "yes" if one["name"] in used else "no",
        ]
        for one in signature["columns"]
    ],
    texts=(0, 1, 2, 3),
)
left_out = {"without_target": "without a target", "tiny_classes": "of classes with too few rows"}
for reason, how in left_out.items():
    if rows.get(reason):
        say(f"{counted(rows[reason], 'row')} {how} left out.")

# %%
found = balance(told)
if found is not None:
    figure(*found)

# %% [markdown]
# ## Methods

# %%
if job is None:
    say(
        "No training of ours made this version, or its job has been removed: how it was found is "
        "not known."
    )
else:
    notes(searched(job["request"], job["rungs"]), "")
    if job["notes"]:
        say("What there is to know of the data and the search:")
        notes(job["notes"], "")
    say(
        "Preprocessing is part of the model's file, so that training and prediction cannot differ. "
        "Measures are taken on rows that were held out from everything; their intervals come from "
        "drawing those rows again and again, copies and groups of rows together."
    )

# %% [markdown]
# ## Candidates

# %%
measure = told.get("measure", "")
if not candidates:
    say("Nothing is known of candidates.")
else:
    members = {one["candidate"]: one["weight"] for one in job["members"]}
    table(
        f"What was tried, by {words(measure)} in cross-validation.",
        ["candidate", "settings", words(measure), "time", "outcome"],
        tried(candidates, members, measure),
        texts=(0, 1, 4),
    )
    found = compared(candidates, measure, job["best"])
    if found is not None:
        figure(*found)

# %% [markdown]
# ## Evaluation

# %%
head, lines = measures_of(told, best["metrics"] if best else {}, best["spread"] if best else {})
if lines:
    table("Measures on the rows that were held out.", head, lines)
else:
    say("Nothing was registered of how good this version is.")

# %%
for found in [*answers(told), *curves(told)]:
    figure(*found)

# %%
for found in (what_counts(told), learning(told)):
    if found is not None:
        figure(*found)

# %% [markdown]
# ### What the model makes of columns

# %%
drawn = dependence(told, version["target"], hidden)
if not drawn:
    say("Nothing is known of single columns.")
for found in drawn:
    figure(*found)

# %% [markdown]
# ### Where it errs

# %%
notes(told.get("notes") or [], "No part of the data stands out by its errors.")
parts = slices(told, hidden)
if parts:
    table(
        "Parts of the held-out rows, where it errs most above all first. The gap is how much more "
        "it errs there than elsewhere.",
        ["column", "part", "rows", words(measure), "gap (95 %)"],
        parts,
        texts=(0, 1),
    )

# %% [markdown]
# ## Certainty

# %%
lines, found = certainty(told, regression=regression)
if not lines:
    say("This version states no sets or intervals.")
else:
    size = "mean width" if regression else "labels, on average"
    table(
        "How often what is stated held the truth, on held-out rows.",
        ["stated", "held the truth", "95 % interval", size],
        lines,
    )
    if found is not None:
        figure(*found)

# %%
chosen = told.get("threshold")
if chosen:
    missed = "" if chosen.get("met", True) else " That could not be had; this comes nearest."
    say(
        f"From a probability of {number(chosen['value'])} on, a row is called positive: chosen for "
        f"{plain(chosen['goal'])} ({number(chosen['reached'])} out of folds).{missed}"
    )
found = thresholds(told)
if found is not None:
    figure(*found)

# %% [markdown]
# ## Monitoring

# %%
if windows is None:
    say("Monitoring did not answer: what was measured of this version since is not told.")
elif not windows:
    say("There are no windows of this version yet: nothing has been predicted, or nothing summed.")
else:
    figure(*traffic(windows))
    for found in [*quality(windows), *others(windows)]:
        figure(*found)
    lines = alarms(windows)
    if lines:
        table(
            f"What was off in the last {counted(len(windows), 'window')}.",
            ["measure", "how often", "last", "value then"],
            lines,
            texts=(0, 1, 2),
        )
    else:
        say("Nothing was off, beyond what chance makes so.")

# %% [markdown]
# ## Limits

# %%
parity = told.get("parity")
if parity:
    say(
        f"The ONNX file predicts as what was fitted does on all {parity['rows']:,} held-out rows: "
        f"the largest difference is {parity['max_difference']:.1e}, and {parity['tolerance']:g} "
        "were allowed."
    )
if told.get("fitted_on_all"):
    say(
        "The measures are of the model that learnt from the training rows alone; what is served "
        "then learnt from all rows, with the same settings."
    )
say(
    "The measures hold for rows like those of the dataset; what has changed since is not in them. "
    "What the model looks at is not what causes the target."
)
unused = [one["name"] for one in signature["columns"] if one["name"] not in used]
if unused:
    say(f"Not looked at: {listed(unused)}.")
