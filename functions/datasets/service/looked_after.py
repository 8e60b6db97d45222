"""Who reads how far work at a dataset has come looks after its step, in whichever view they do."""

from functions.datasets.model.dataset import Stored
from functions.datasets.model.due import due_steps
from functions.datasets.service.ports import DatasetStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.service.lookout import Lookout


class LookedAfter:
    """Finds datasets, and has what is overdue for those that are found looked at again.

    Args:
        store: has them.
        lookout: looks after their steps.
    """

    def __init__(self, store: DatasetStore, lookout: Lookout) -> None:
        self._store = store
        self._lookout = lookout

    def find(self, place: Place) -> Stored:
        """Return a dataset; raises NotFound."""
        dataset = self._store.find_shown(place).dataset
        if self._lookout.watch("/".join(place), due_steps(dataset)):
            self._store.restore_steps(place)
        return dataset
