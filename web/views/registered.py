"""What became of a model, in words: its history."""

from web.client.registry_schemas import Change

_TOLD = {
    "register": "Version {after} was made",
    "roll back": "{alias} went back from version {before} to version {after}",
    "remove alias": "{alias}, which was version {before}, was removed",
    "delete version": "Version {before} was deleted",
    "restore version": "Version {after} was brought back",
    "delete model": "The model was deleted",
    "restore model": "The model was brought back",
    "edit": "What is noted of the model was changed",
    "edit version": "What is noted of version {after} was changed",
    "set traffic": "The calls of {alias} were shared out",
    "end traffic": "The calls of {alias} all go to version {after} again",
}


def happened(change: Change) -> str:
    """Return what was done, without a full stop; an act of a later release as it is called."""
    if change.action == "promote":
        before = f"went from version {change.before} to" if change.before else "is"
        return f"{change.alias} {before} version {change.after}"
    told = _TOLD.get(change.action, change.action)
    return told.format(alias=change.alias, before=change.before, after=change.after)
