"""How many cores a step uses: one. The platform's queue gives the parallelism.

Two steps on two cores whose libraries each start two threads wait for each other: measured,
gradient boosting then takes thirty times as long.
"""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types


def one_core() -> AbstractContextManager[object]:
    """Return a context within which BLAS and OpenMP keep to the thread that called them."""
    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits
