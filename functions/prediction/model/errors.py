"""What can go wrong with a model that is there."""


class Unloadable(Exception):  # noqa: N818 - a state of the model, not of the code
    """A version cannot be made ready: its file is gone, damaged or does not fit its signature."""
