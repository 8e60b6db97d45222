"""Pages of objects."""

from collections.abc import Iterator

from emulators.storage.model.listing import Listing, Page, behind, make_token
from emulators.storage.model.records import Version
from emulators.storage.service.objects import Objects
from emulators.storage.service.ports import Catalog

_STEP = 500  # versions that are asked for at once


class Lists:
    """Lists objects.

    Args:
        catalog: Says which there are.
        objects: Know their buckets.
    """

    def __init__(self, catalog: Catalog, objects: Objects) -> None:
        self._catalog = catalog
        self._objects = objects

    def page(self, bucket: str, asked: Listing) -> Page:
        """Return a page of what is asked for.

        Raises:
            NotFoundError: There is no such bucket.
            InvalidError: The token or the glob is none.
        """
        self._objects.bucket(bucket)
        page = Page()
        for version, folder in self._walk(bucket, asked):
            if len(page) >= asked.most:
                page.token = make_token((version.name, version.generation))
                break
            if not folder or (asked.trailing and folder == version.name):
                page.versions.append(version)
            if folder and folder not in page.prefixes[-1:]:
                page.prefixes.append(folder)
        return page

    def _walk(self, bucket: str, asked: Listing) -> Iterator[tuple[Version, str]]:
        """Yield what is asked for, a folder by its first object alone; each with its folder."""
        shows, place, end, folder = asked.filter(), asked.begin(), asked.limit(), ""
        step = min(asked.most + 1, _STEP)
        while True:
            found = self._catalog.versions(bucket, place, end, step, which=asked.which)
            for version in found:
                name = version.name
                inside = bool(folder) and name.startswith(folder)
                if shows(name) and not (inside and not (asked.trailing and name == folder)):
                    folder = asked.folder(name)
                    yield version, folder
            if len(found) < step:
                return
            last = found[-1]
            place = (behind(folder), 0) if folder else (last.name, last.generation + 1)
