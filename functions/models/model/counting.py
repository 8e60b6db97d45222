"""What replicas tell of an alias's traffic, summed: each of it once, however often it is told."""

import datetime as dt

import msgspec

from functions.kit.contract.models.traffic import Counted, Tallies, Tally

REMEMBERED = dt.timedelta(hours=1)
"""For which a replica's last number is kept: nobody tells anything again that late."""


class Told(msgspec.Struct, frozen=True):
    """The number of the last that a replica told, and when it did."""

    number: int
    at: dt.datetime


class Sums(msgspec.Struct, frozen=True):
    """What all replicas told of one traffic.

    Attributes:
        traffic: its id.
        tallies: by version.
        replicas: what each told last, by its id.
    """

    traffic: str
    tallies: Tallies
    replicas: dict[str, Told]


def with_counted(sums: Sums | None, counted: Counted, now: dt.datetime) -> Sums | None:
    """Return sums with what was told; None when it was told before."""
    if sums is None or sums.traffic != counted.traffic:
        sums = Sums(counted.traffic, {}, {})
    last = sums.replicas.get(counted.replica)
    if last is not None and counted.number <= last.number:
        return None
    replicas = {
        name: told for name, told in sums.replicas.items() if now - told.at <= REMEMBERED
    } | {counted.replica: Told(counted.number, now)}
    return Sums(sums.traffic, summed(sums.tallies, counted.tallies), replicas)


def summed(known: Tallies, told: Tallies) -> Tallies:
    """Return tallies with others added to them."""
    sums = {version: Tally() for version in {*known, *told}}
    for tallies in (known, told):
        for version, tally in tallies.items():
            sums[version].add(tally)
    return sums
