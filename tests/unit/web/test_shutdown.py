import os
import signal

from web.http.shutdown import Shutdown


def test_it_hears_sigterm_and_passes_it_on():
    told = []
    before = signal.signal(signal.SIGTERM, lambda *args: told.append(args[0]))
    try:
        shutdown = Shutdown()
        shutdown.listen()
        os.kill(os.getpid(), signal.SIGTERM)
        assert shutdown.requested
        assert told == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)
