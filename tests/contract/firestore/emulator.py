"""The Firestore emulator as a process of its own, as a user starts it."""

import grpc

from tests.support import processes


class Emulator(processes.Emulator):
    """An emulator on a folder and a free port; both stay over a kill and another start."""

    def __init__(self, folder, *options):
        port = processes.free_port()
        self.folder = folder
        self.host = f"127.0.0.1:{port}"
        arguments = ["--data", str(folder), "--port", str(port), *options]
        super().__init__("emulators.firestore", arguments, port, f"tcp://{self.host}")

    def start(self):
        super().start()
        with grpc.insecure_channel(self.host) as channel:
            grpc.channel_ready_future(channel).result(timeout=processes.PATIENCE)
        return self

    def wait(self):
        """Returns the exit code of a process that ends by itself."""
        return self._process.wait(processes.PATIENCE)
