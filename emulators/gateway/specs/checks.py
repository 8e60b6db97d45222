"""How a caller is checked before its asynchronous call is queued, from an annotation."""

from collections.abc import Mapping

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Check
from emulators.gateway.specs.names import canonical, checked

ANNOTATION = "dev.mayfly.async-check"


def check_from(annotations: Mapping[str, str]) -> Check | None:
    """Read ``/path`` (of the function itself), ``name/path`` or ``name.namespace/path``.

    Raises:
        Invalid: For a value that cannot be read.
    """
    text = annotations.get(ANNOTATION)
    if text is None:
        return None
    where, slash, rest = text.partition("/")
    if not slash or any(c <= " " or c >= "\x7f" for c in rest):
        raise Invalid(f"{ANNOTATION}: {text!r}", "write /path, or NAME/path")
    name, _, namespace = where.partition(".")
    if name:
        checked(name, ANNOTATION)
    space = checked(canonical(namespace), ANNOTATION) if namespace else ""
    return Check(name, space, f"/{rest}")
