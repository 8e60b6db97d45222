"""The process's limit on open files: each caller takes one, and so does each busy replica's."""

import resource

_ENOUGH = 65_536


def raise_open_files() -> None:
    """Raise the soft limit, which is 1,024 or less on many machines, as far as is of use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
