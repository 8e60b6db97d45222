"""The new interpreter that a replica may become (`anew`): what it does with the start."""

import os
import sys

import msgspec

from emulators.gateway.runtimes.forking import anew, parentage, replica
from emulators.gateway.runtimes.packages.layer import Layer

# What the parent of replicas has, for libraries that read it as they are imported.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}


def main(arguments: list[str]) -> int:
    """Be the replica; `arguments` are the descriptors of what it is told, and of its lifeline."""
    given, lifeline = map(int, arguments)
    with os.fdopen(given, "rb") as file:
        file.seek(0)
        begun = msgspec.json.decode(file.read(), type=anew.Begun)
    os.set_inheritable(lifeline, False)  # noqa: FBT003 - the callee's signature
    parentage.name_process(begun.start.id)
    replica.adopt_outputs()
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    replica.adopt_imports(begun.start)
    _forget(begun.start.layer)
    return replica.act(begun.start, lifeline, begun.timings)


def _forget(of: Layer) -> None:
    """Have the function import the layer's modules, where what runs it has used its own."""
    for name in list(sys.modules):
        if name.partition(".")[0] in of.differing:
            del sys.modules[name]
