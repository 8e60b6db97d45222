"""Where OpenFaaS's own pages are: their place leads to the pages of whoever started the gateway."""

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import NotFound
from emulators.gateway.http.buffered import Answer, Incoming


class PagesApi:
    """Routes under ``/ui/``.

    Args:
        pages: Address of the page that shows the functions; empty where there is none.
    """

    def __init__(self, pages: str) -> None:
        self._pages = pages

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/ui/.*", self.show)

    async def show(self, _: Incoming) -> Answer:
        """Lead to the page of the functions."""
        if not self._pages:
            raise NotFound("this gateway has no pages", "list the functions: GET /system/functions")
        return Answer(303, headers=[(b"location", self._pages.encode())])
