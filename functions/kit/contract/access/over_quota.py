"""What is allowed no more, and where its account stands: what callers hear of quotas."""

from collections.abc import Sequence

import msgspec

from functions.kit.contract.errors import Transient

WINDOW = 60
"""Seconds in which so many predictions are allowed; windows begin at whole minutes."""
PER_MINUTE = "permin"
"""The name of the policy of predictions a minute."""
CONCURRENCY = "concurrency"
"""The name of the policy of predictions at the same time."""
OPEN_WAIT = 5
"""Seconds after which who has too many things open may ask again: some may have ended by then."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where an account stands: its quota, the rows left of it, seconds until the window ends."""

    limit: int
    remaining: int
    resets_in: int


class OverQuota(Transient):
    """A bound, of a plan or of all, allows no more now.

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


class OpenBound(msgspec.Struct, frozen=True):
    """How many things of a kind an owner may have open at a time, whatever the plan.

    Attributes:
        policy: the name of the bound.
        things: what they are called.
        most: how many.
    """

    policy: str
    things: str
    most: int

    def check(self, found: int) -> None:
        """Refuse one more than `found`, where so many are open; raises OverQuota."""
        if found >= self.most:
            detail = (
                f"{self.most:,} {self.things} of yours are open, and no more are taken: wait until "
                "some have ended, or cancel some."
            )
            raise OverQuota(detail, policies=[self.policy], retry_after=OPEN_WAIT)
