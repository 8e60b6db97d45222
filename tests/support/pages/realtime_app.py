"""The pages with limits of a test's own.

`gunicorn -k gevent tests.support.pages.realtime_app:app`
"""

import json
import os

from web.app import create_app
from web.client.functions import Functions
from web.client.transport import time_limits
from web.http.shutdown import Shutdown
from web.realtime.limits import Limits
from web.settings import Settings

settings = Settings.from_env()
shutdown = Shutdown()
shutdown.listen()
time_limits.STARTING = 0.3
limits = Limits(**json.loads(os.environ["REALTIME_LIMITS"]))
app = create_app(settings, Functions(settings.functions), shutdown, limits)
