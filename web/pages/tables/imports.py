"""New rows into a table from a file: what it would do is shown, then done."""

from flask import Blueprint, Response, request, url_for

from web.client.errors import (
    Conflict,
    Failure,
    Flaw,
    Invalid,
    Malformed,
    Refused,
    SignedOut,
    Stale,
    TooLarge,
    Unsupported,
)
from web.client.functions import Functions
from web.client.import_schemas import Import
from web.forms.imports import MODES, ImportForm, parse_import
from web.forms.preconditions import expected_version
from web.forms.repeats import FIELD, key_of, new_key
from web.forms.row_files import plain_name
from web.http import toasts
from web.http.downloads import download
from web.http.htmx import Reply, htmx, render, see_other
from web.http.multipart import Upload, UploadError
from web.http.readers import require
from web.http.toasts import Undo
from web.views.files.imports import FIRST, import_does, import_done

IMPORTS = 25
IN_PLACE = (Refused, Conflict, TooLarge, Unsupported)
NOT_CHECKED = "The file was not taken."
STALE = (
    "The table was changed after the file was checked, so that other rows may be changed than "
    "those that were counted; nothing was done. Check it again, then go on."
)


class ImportPages:
    """Handlers of imports into a table."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self, dataset: str) -> Reply:
        """Ask for a file, above those that came so far."""
        return self._page(dataset, ImportForm())

    def begin(self, dataset: str) -> Reply:
        """Pass the file on to be checked, as it arrives."""
        require("write")
        try:
            upload = Upload(request.stream, request.headers.get("Content-Type", ""))
            return self._begin(dataset, upload)
        except UploadError as error:
            return self._page(dataset, ImportForm(), Malformed(str(error)))

    def show(self, dataset: str, number: str) -> Reply:
        """Show one as it stands; the page goes on by itself while it is at work."""
        return self._shown(dataset, number)

    def _shown(self, dataset: str, number: str, error: Failure | None = None) -> Response:
        found = self._functions.imports.get(dataset, number)
        table = self._functions.datasets.get(dataset)
        undo = self._undo(found) if found.revision == table.revision else None
        if htmx().target == "live" and found.state == "done":
            toasts.say(import_done(found), undo)
        return render("imports/show.html", "live", error=error, dataset=table, one=found, undo=undo)

    def go_on(self, dataset: str, number: str) -> Reply:
        """Do what was checked, if the table is still the one that it was checked against."""
        require("write")
        revision = expected_version(request.form, "revision", "the table it changes")
        try:
            self._functions.imports.go_on(dataset, number, revision)
        except Stale as error:
            if htmx().wants_fragment:  # the question was a dialog: the page is still there
                raise Stale(STALE) from error
            return self._shown(dataset, number, Stale(STALE))
        return _back(dataset, number)

    def check_again(self, dataset: str, number: str) -> Reply:
        """Check a file that waits against the table as it is now."""
        require("write")
        self._functions.imports.check_again(dataset, number)
        return _back(dataset, number)

    def resume(self, dataset: str, number: str) -> Reply:
        """Have one that seems to stand still looked at now."""
        self._functions.imports.resume(dataset, number)
        return _back(dataset, number)

    def cancel(self, dataset: str, number: str) -> Reply:
        """End one; the table stays as it was."""
        self._functions.imports.cancel(dataset, number)
        return _back(dataset, number)

    def bad_rows(self, dataset: str, number: str) -> Reply:
        """Send the rows that were not taken as a file."""
        opened = self._functions.imports.bad_rows(dataset, number)
        return download(opened, f"{dataset}-bad-rows.csv", "text/csv; charset=utf-8")

    def _begin(self, dataset: str, upload: Upload) -> Response:
        form, name = ImportForm.sent(upload.fields), plain_name(upload.filename)
        try:
            made = self._made(dataset, form, name, upload)
        except (Failure, SignedOut) as error:
            upload.drain()
            if not isinstance(error, IN_PLACE):
                raise
            return self._page(dataset, form, error)
        upload.drain()
        return _back(dataset, made.id)

    def _made(self, dataset: str, form: ImportForm, name: str, upload: Upload) -> Import:
        columns = [one.name for one in self._functions.datasets.get(dataset).columns]
        asked, flaws = parse_import(form, name, columns)
        if asked is None:
            raise Invalid(NOT_CHECKED, flaws)
        calls, once = self._functions.imports, key_of(upload.fields)
        if form.url:
            return calls.fetch(dataset, asked, form.url, once)
        return calls.begin(dataset, asked, upload.chunks(), name, once)

    def _page(self, dataset: str, form: ImportForm, error: Failure | None = None) -> Response:
        cursor = request.args.get("cursor") or None
        alone = error is not None and htmx().wants_fragment
        page = None if alone else self._functions.imports.page(dataset, IMPORTS, cursor)
        return render(
            "imports/index.html",
            "import",
            "imports",
            dataset=self._functions.datasets.get(dataset),
            modes=MODES,
            form=form,
            page=page,
            cursor=cursor,
            error=error,
            told=_untold(error),
        )

    def _undo(self, found: Import) -> Undo | None:
        """Return the way back; what made the table has none."""
        if found.state != "done" or found.id == FIRST or not import_does(found):
            return None
        place = url_for("history.undo", dataset=found.dataset, revision=found.revision)
        return Undo(place, {FIELD: new_key()})


def _untold(error: Failure | None) -> list[Flaw]:
    """Return what is wrong that no field of the form tells."""
    fields = ("mode", "key", "url", "file")
    return [one for one in error.flaws if one.column not in fields] if error else []


def _back(dataset: str, number: str) -> Response:
    return see_other(url_for("imports.show", dataset=dataset, number=number))


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ImportPages(functions)
    blueprint = Blueprint("imports", __name__, url_prefix="/datasets/<dataset>/imports")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "begin", handlers.begin, methods=["POST"])
    rule("/<number>", "show", handlers.show)
    rule("/<number>/bad-rows.csv", "bad_rows", handlers.bad_rows)
    rule("/<number>/go", "go_on", handlers.go_on, methods=["POST"])
    rule("/<number>/check", "check_again", handlers.check_again, methods=["POST"])
    rule("/<number>/resume", "resume", handlers.resume, methods=["POST"])
    rule("/<number>/cancel", "cancel", handlers.cancel, methods=["POST"])
    return blueprint
