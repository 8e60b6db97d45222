"""Starts the emulator as a process of its own, as a user does."""

import os
import signal
import socket
import subprocess
import sys

import grpc


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Emulator:
    """One emulator process; it can be killed and started again on the same folder and port."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self._process = None

    def start(self):
        command = [sys.executable, "-m", "emulators.firestore", "--data", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)], start_new_session=True
        )
        with grpc.insecure_channel(self.host) as channel:
            grpc.channel_ready_future(channel).result(timeout=20)
        return self

    def kill(self):
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self):
        self._process.terminate()
        return self._process.wait(timeout=10)
