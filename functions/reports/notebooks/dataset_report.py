# %% [markdown]
# # An exploratory look at a dataset
#
# What its rows hold, what is missing, how columns are spread and go together, and what to look at
# before learning from it.

# %%
"""What is known of the dataset lies beside this notebook, in `facts.json` and `data.parquet`."""

import json
from pathlib import Path

from functions.reports.notebooks.columns import (
    MOST_SHOWN,
    in_words,
    measures,
    missing,
    overview,
    picture,
    related,
    strongest,
)
from functions.reports.notebooks.marks import plain
from functions.reports.notebooks.sample import MOST_ROWS, against, rows_of, together
from functions.reports.notebooks.show import figure, notes, say, table, title
from functions.reports.notebooks.words import counted, moment, number, share

facts = json.loads(Path("facts.json").read_text())
dataset, profile = facts["dataset"], facts["profile"]
rows, target = profile["rows"], profile["target"]
hidden = [one["name"] for one in dataset["columns"] if one.get("sensitive")]
columns = profile["columns"]
shown = [one for one in columns if one["name"] not in hidden]

# %%
title(
    f"Dataset {dataset['name']}",
    f"An exploratory look at revision {profile['revision']}, {moment(facts['made_at'])}",
)

# %% [markdown]
# ## Data

# %%
cells = rows * len(columns)
gaps = sum(one["missing"] for one in columns)
table(
    "The dataset.",
    ["what", "value"],
    [
        ["name", dataset["name"]],
        ["id", dataset["id"]],
        ["revision", number(profile["revision"])],
        ["rows", number(rows)],
        ["columns", number(len(columns))],
        ["cells without a value", share(gaps, cells)],
        ["what is to be predicted", target or "not said"],
        ["made", moment(dataset["created_at"])],
        ["changed", moment(dataset["updated_at"])],
    ],
    texts=(0, 1),
)

# %%
table(
    "The columns.",
    ["column", "kind", "missing", "different", "values"],
    overview(columns, rows, hidden),
    texts=(0, 1, 4),
)

# %% [markdown]
# ## Methods
#
# Counts, quantiles and correlations are of all rows of the revision. How a column goes with what is
# to be predicted is drawn from rows taken evenly over the dataset where there are many. Histograms
# have bars of one width. Columns that are marked as sensitive are counted, and their values are
# shown nowhere.

# %%
if rows > MOST_ROWS:
    say(f"Charts against “{target or 'the target'}” are of {MOST_ROWS:,} of {rows:,} rows.")
if hidden:
    say(f"{counted(len(hidden), 'column')} marked as sensitive.")

# %% [markdown]
# ## What to look at first

# %%
notes(
    [*(one["detail"] for one in profile["warnings"]), *strongest(profile["correlations"])],
    "Nothing conspicuous was found: no duplicates, no column that is always the same or nearly "
    "always missing, none that gives the target away.",
)

# %% [markdown]
# ## What is missing

# %%
found = missing(columns, rows) if rows else None
if found is None:
    say("No value is missing.")
else:
    figure(*found)

# %% [markdown]
# ## Columns, one by one

# %%
for one in shown[:MOST_SHOWN]:
    found = picture(one, rows)
    if found is not None:
        figure(*found)
if len(shown) > MOST_SHOWN:
    say(f"The first {MOST_SHOWN} columns are drawn; the table above has all.")

# %% [markdown]
# ## Columns together

# %%
data = Path("data.parquet")
some = rows_of(data, [one["name"] for one in shown]) if data.exists() else None
numbers = [one["name"] for one in shown if one["kind"] in {"number", "integer"}]
found = together(some, numbers) if some is not None else None
if found is None:
    say("There are no two columns of numbers to hold together.")
else:
    figure(*found)

# %% [markdown]
# ## What goes with the target

# %%
names = measures(shown)
if target is None:
    say(
        "The dataset does not say which column is to be predicted: give one the role of the "
        "target, and the next report has this section."
    )
elif not names:
    say(f"Nothing is known of how columns go with “{plain(target)}”.")
else:
    table(
        f"How each column goes with “{plain(target)}”: 0 is not at all, 1 wholly; an AUC of 0.5 is "
        "not at all.",
        ["column", *in_words(names)],
        related(shown, target),
    )

# %%
if target is not None and target not in hidden and some is not None:
    for one in shown[:MOST_SHOWN]:
        found = against(some, one["name"], target) if one["name"] != target else None
        if found is not None:
            figure(*found)
