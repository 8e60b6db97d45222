"""From an evaluation to SVG text; the last pictures are kept, because drawing takes a while."""

from functools import lru_cache

import msgspec

from web.views.charts.specs import Spec

CACHE_SIZE = 256


def render_svg(spec: Spec) -> str:
    """Return a chart as SVG."""
    return _render(msgspec.json.encode(spec))


@lru_cache(maxsize=CACHE_SIZE)
def _render(spec: bytes) -> str:
    """Draw; `spec` is JSON, so that it can be a key."""
    import vl_convert  # noqa: PLC0415 - 60 MB that only pictures need

    svg: str = vl_convert.vegalite_to_svg(msgspec.json.decode(spec))
    return svg
