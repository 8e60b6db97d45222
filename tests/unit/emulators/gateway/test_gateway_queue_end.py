"""The queue's client ends when it is told to, also where a library drops a cancellation."""

import asyncio

from emulators.gateway.tasks import cancelled


def test_a_task_that_drops_cancellations_is_cancelled_until_it_heeds() -> None:
    dropped = 0

    async def dials_for_ever() -> None:
        nonlocal dropped
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                dropped += 1
                if dropped > 2:
                    raise

    async def main() -> bool:
        task = asyncio.create_task(dials_for_ever())
        await asyncio.sleep(0)
        await asyncio.wait_for(cancelled(task), 60)
        return task.cancelled()

    assert asyncio.run(main())
    assert dropped == 3


def test_a_task_that_failed_is_over() -> None:
    async def main() -> bool:
        async def fails() -> None:
            raise OSError("refused")

        task = asyncio.create_task(fails())
        await asyncio.wait({task})
        await cancelled(task)
        return isinstance(task.exception(), OSError)

    assert asyncio.run(main())
