"""The entry point: `gunicorn -k gevent web.main:app`."""

from web.app import create_app
from web.client.functions import Functions
from web.http.shutdown import Shutdown
from web.logs import configure_logs
from web.settings import Settings

configure_logs()
settings = Settings.from_env()
shutdown = Shutdown()
shutdown.listen()
app = create_app(settings, Functions(settings.functions, access=settings.administration), shutdown)
