"""What counts prove, however often one looks: a test that may be read after every batch.

A usual test errs so often at each look, so of many looks one errs. This one bets against the
claim that at most a share of the calls is bad: stakes grow with each bad call and shrink with each
good one, so that while the claim holds they are not expected to grow. To reach 1 / alpha at any
time has a chance of alpha at most (Ville's inequality), and needs nothing but the counts. The bets
are those of Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting"
(2023), of several sizes at once, for nobody knows beforehand how bad it is.
"""

import math

BETS = tuple(2.0**-power for power in range(1, 13))
"""Parts of the largest bet that cannot lose everything at one good call."""
LEAST_SHARE = 1e-9
"""Where no call may be bad, this is as good as none."""


def log_stakes(bad: int, calls: int, share: float) -> float:
    """Return the logarithm of what the bets have made of 1.

    Args:
        bad: of the calls.
        calls: all of them.
        share: the claim is that no more than this are bad, 0 ≤ share < 1.
    """
    share = max(share, LEAST_SHARE)
    found = [_log_stake(part / share, bad, calls - bad, share) for part in BETS]
    most = max(found)
    return most + math.log(sum(math.exp(one - most) for one in found) / len(found))


def _log_stake(size: float, bad: int, good: int, share: float) -> float:
    return bad * math.log1p(size * (1 - share)) + good * math.log1p(-size * share)


def proves(bad: int, calls: int, share: float, alpha: float) -> bool:
    """Tell whether more than `share` of the calls are bad; wrongly with chance `alpha` at most."""
    return log_stakes(bad, calls, share) >= -math.log(alpha)
