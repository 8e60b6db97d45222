"""The list of imports that work or wait, as Firestore keeps it."""

import threading
from typing import Any
from uuid import uuid4

from functions.datasets.adapters.firestore.turns import Turns
from functions.datasets.model.imports import turns
from functions.datasets.model.imports.turns import Caps, Entry
from functions.kit.adapters.manual_clock import START


def test_many_at_once_are_listed_once_each(emulators: Any) -> None:
    store, caps = Turns(f"import_turns/{uuid4().hex}"), Caps(jobs=2)

    def begin(name: str) -> None:
        one = Entry(workspace="a", step=name)
        store.change(lambda found: turns.begun(found, one, caps, START))

    threads = [threading.Thread(target=begin, args=(f"s{n % 4}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = store.read()
    assert sorted(one.step for one in found) == ["s0", "s1", "s2", "s3"]
    assert len(turns.at_work(found)) == 2
    before, after = store.change(lambda entries: turns.left(entries, "s0", caps, START))
    assert (len(before), len(after), store.read() == after) == (4, 3, True)
