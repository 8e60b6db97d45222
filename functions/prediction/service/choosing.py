"""Which version answers a call of an alias whose calls are shared out."""

import os
from hashlib import blake2b

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.models.traffic import PERCENT, Traffic

REASON = "X-Model-Reason"
"""The header that says why a version answered."""
CACHE = "X-Cache"
"""The header that says whether what a version gave was remembered."""


class Split:
    """Tells the version of each caller: the same as long as the shares are.

    Args:
        uid: of the model: in another one, others are the first to be moved.
        alias: whose calls; likewise.
        traffic: how they are shared out.
    """

    def __init__(self, uid: str, alias: str, traffic: Traffic) -> None:
        self._salt = f"{uid}\n{alias}\n"
        self._slots = traffic.slots
        self._by_chance = traffic.spread == "calls"
        self._whys = {
            version: {how: f"share {share} %, by {how}" for how in ("key", "caller", "chance")}
            for version, share in traffic.shares.items()
        }

    def choose(self, sticky: str, caller: Caller) -> tuple[int, str]:
        """Return the version that answers, and why.

        Args:
            sticky: the key that the call names; empty for none.
            caller: who sticks to a version without one: by the key, else the account, else by name.
        """
        if sticky:
            place, how = slot_of(self._salt + sticky), "key"
        elif self._by_chance:
            place, how = slot_of(os.urandom(8).hex()), "chance"
        else:
            known = caller.key or caller.account or caller.name
            place, how = slot_of(self._salt + known), "caller"
        version = self._slots[place]
        return version, self._whys[version][how]


def slot_of(text: str) -> int:
    """Return the hundredth that a text falls into, the same everywhere and for ever."""
    digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest) % PERCENT
