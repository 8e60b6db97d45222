import os
import signal

from web.http.shutdown import Stopping


def test_it_hears_sigterm_and_passes_it_on():
    told = []
    before = signal.signal(signal.SIGTERM, lambda *args: told.append(args[0]))
    try:
        stopping = Stopping()
        stopping.listen()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopping.told
        assert told == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)
