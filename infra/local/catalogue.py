"""The commands: in which room of `commands/` each is, and what it does, in the order of use."""

from collections.abc import Mapping
from typing import NamedTuple

from infra.local.settings import IS_CHECKOUT


class Entry(NamedTuple):
    """A command.

    Attributes:
        module: below `infra.local.commands`.
        text: what it does, in a line.
    """

    module: str
    text: str


DEVELOPING = "Changing Mayfly"
_SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Data, models, predictions": {
        "import": Entry("data.importing", "Bring a file or a URL into a dataset."),
        "datasets": Entry("data.datasets", "List datasets, change their rows, take changes back."),
        "export": Entry("data.exporting", "Write a dataset's rows, or a model's file."),
        "train": Entry("data.train", "Train a model on a dataset."),
        "jobs": Entry("data.jobs", "List trainings, show, cancel and delete them."),
        "models": Entry("data.models", "List models, and the versions of one."),
        "promote": Entry("data.promote", "Let a version of a model serve."),
        "rollback": Entry("data.rollback", "Let the version before serve again."),
        "traffic": Entry("data.traffic", "Share a model's calls out among versions."),
        "predict": Entry("data.predict", "Predict for the rows of a file."),
        "report": Entry("data.report", "Write a dataset or a model up: as PDF, page, notebook."),
        "labels": Entry("data.labels", "Say what turned out to be true of predictions."),
    },
    "A system": {
        "up": Entry("up", "Start every part, and watch it."),
        "down": Entry("down", "Stop everything, and leave no process behind."),
        "status": Entry("status", "Show the parts and the functions."),
        "open": Entry("open", "Open the pages in a browser, signed in."),
        "env": Entry("env", "Print the variables that lead a shell to a system."),
        "demo": Entry("demo", "From titanic.csv to a served prediction, with measured figures."),
        "logs": Entry("logs", "Show the log of a part or of a function."),
        "backup": Entry("backup", "Write all state to one archive, running or not."),
        "restore": Entry("restore", "Fill an empty home from such an archive."),
        "doctor": Entry("doctor", "Check what Mayfly needs on this machine."),
        "completion": Entry("completion", "Have a shell complete commands."),
    },
    "Who may do what": {
        "users": Entry("accounts.users", "List, add and shut out accounts; sign in."),
        "keys": Entry("accounts.keys", "List, make, rotate and revoke API keys."),
        "plans": Entry("accounts.plans", "List plans, say what they allow, and remove them."),
        "activity": Entry("accounts.activity", "Search what was asked of the functions."),
    },
    "Functions": {
        "new": Entry("new", "Write a function to start from, with its test."),
        "deploy": Entry("deploy", "Deploy files, your own function, or Mayfly elsewhere."),
        "invoke": Entry("invoke", "Call a function."),
        "resume": Entry("resume", "Have a job or an import that stands still looked at now."),
        "setup": Entry("setup", "Give a system elsewhere its secrets and its first API key."),
    },
    DEVELOPING: {
        "test": Entry("developing.test", "Run every test."),
        "lint": Entry("developing.lint", "Look for mistakes in the code."),
        "format": Entry("developing.format", "Lay the code out."),
        "types": Entry("developing.types", "Check the types."),
        "screenshots": Entry("developing.screenshots", "Take pictures of every page."),
        "pictures": Entry("developing.pictures", "Draw the architecture, light and dark."),
        "site": Entry("developing.site", "Build the documentation as a site."),
        "lock": Entry("developing.lock", "Write requirements.lock anew."),
        "release": Entry("developing.release", "Make what a release is made of."),
    },
}
SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    title: entries for title, entries in _SECTIONS.items() if IS_CHECKOUT or title != DEVELOPING
}
"""An installed wheel has neither tests nor the repository, which some commands are about."""
COMMANDS: Mapping[str, Entry] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}
