"""A plan that allows no more, and where its account stands: what callers hear of quotas."""

from collections.abc import Sequence

import msgspec

from functions.kit.contract.errors import Transient

WINDOW = 60
"""Seconds in which so many predictions are allowed; windows begin at whole minutes."""
PER_MINUTE = "permin"
"""The name of the policy of predictions a minute."""
CONCURRENCY = "concurrency"
"""The name of the policy of predictions at the same time."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where an account stands: its quota, the rows left of it, seconds until the window ends."""

    limit: int
    remaining: int
    resets_in: int


class OverQuota(Transient):
    """A plan allows no more now.

    Args:
        detail: one sentence.
        policies: the names of the bounds that it would break.
        standing: where the account stands, if that is known.
        retry_after: seconds.
    """

    def __init__(
        self,
        detail: str,
        *,
        policies: Sequence[str],
        retry_after: int,
        standing: Standing | None = None,
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.policies = list(policies)
        self.standing = standing
