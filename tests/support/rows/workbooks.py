"""Excel workbooks written by hand: the least that is one."""

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones
# Cell formats: numbers, days, moments.
_STYLES = (
    f"<styleSheet {_MAIN}><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="22"/></cellXfs></styleSheet>'
)


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Return a workbook of these sheets."""
    file = io.BytesIO()
    places = range(1, len(sheets) + 1)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _HEAD + _content_types(places))
        archive.writestr(
            "_rels/.rels", _HEAD + _relations({"1": ("officeDocument", "xl/workbook.xml")})
        )
        named = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in enumerate(sheets, 1)
        )
        book = f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>'
        archive.writestr("xl/workbook.xml", _HEAD + book)
        parts = {str(n): ("worksheet", f"worksheets/sheet{n}.xml") for n in places}
        parts |= {"99": ("styles", "styles.xml")}
        archive.writestr("xl/_rels/workbook.xml.rels", _HEAD + _relations(parts))
        archive.writestr("xl/styles.xml", _HEAD + _STYLES)
        for n, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", _HEAD + _sheet(rows))
    return file.getvalue()


def _content_types(places: range) -> str:
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    parts += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in places]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_TYPES}.{kind}+xml"/>' for part, kind in parts
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    usual = f'<Default Extension="rels" ContentType="{relations}"/>'
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<Types xmlns="{space}">{usual}{overrides}</Types>'


def _relations(parts: Mapping[str, tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in parts.items()
    )
    return f"<Relationships {_RELS}>{each}</Relationships>"


def _sheet(rows: Sequence[Sequence[object]]) -> str:
    lines = "".join(
        f'<row r="{place}">'
        + "".join(_cell(place, n, value) for n, value in enumerate(row))
        + "</row>"
        for place, row in enumerate(rows, 1)
    )
    return f"<worksheet {_MAIN}><sheetData>{lines}</sheetData></worksheet>"


def _cell(row: int, column: int, value: object) -> str:
    place = f'r="{chr(65 + column)}{row}"'
    match value:
        case None:
            return ""
        case bool():
            return f'<c {place} t="b"><v>{int(value)}</v></c>'
        case str():
            return (
                f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
            )
        case dt.datetime():
            return f'<c {place} s="2"><v>{(value - _EPOCH) / dt.timedelta(days=1)}</v></c>'
        case dt.date():
            return f'<c {place} s="1"><v>{(value - _EPOCH.date()).days}</v></c>'
    return f"<c {place}><v>{value}</v></c>"
