"""The form with everything a bureau puts on one: chart, picture, text box, choices, colours, a note, rich text.

Seven kinds of things; what a tool that fills the form leaves of them is read from the package's parts.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from form_layout import SHEET, SLOTS, Drawing, Tags

# What shows that a kind of thing is there: a part with this in its name and that in its text.
KINDS = {
    "图表": ("charts/chart", b""), "图片": ("media/", b""), "文本框": ("drawings/", b"txBody>"),
    "数据验证": ("worksheets/", b"dataValidation "), "条件格式": ("worksheets/", b"cfRule "), "批注": ("comments", b"<"),
    "富文本": (".xml", b"<r><rPr>"),
}  # fmt: skip


def full_template_bytes(tags: Tags) -> bytes:
    """The form as a template workbook with all of them."""
    drawing = Drawing()
    drawing.add(SHEET, {place.slot: tags.slot(place.slot) for place in SLOTS})
    book, sheet = drawing.workbook, drawing.workbook.worksheets()[0]
    red = book.add_format({"color": "red", "bold": True})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": f"='{SHEET}'!$A$6:$A$8", "values": f"='{SHEET}'!$B$6:$B$8"})
    sheet.insert_chart("G2", chart)
    sheet.insert_image("G20", "seal.png", {"image_data": io.BytesIO(picture())})
    sheet.insert_textbox("G26", "填表说明：金额单位为万元。")
    sheet.data_validation("B22", {"validate": "list", "source": ["张三", "李四"], "ignore_blank": True, "show_error": False})
    sheet.conditional_format("D12:D20", {"type": "cell", "criteria": "<", "value": 0, "format": red})
    sheet.write_comment("A9", "按合同填写")
    sheet.write_rich_string("A26", "注：", red, "资金以万元为单位", "，保留两位小数。")
    return drawing.bytes()


def picture() -> bytes:
    """A red square as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xc0\0\0" * 60) * 60
    head = struct.pack(">2L5B", 60, 60, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def lost(made: bytes) -> list[str]:
    """The kinds of things that a filled form has no more, wherever the tool put their parts."""
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return [
        kind
        for kind, (place, sign) in KINDS.items()
        if not any(place in name and sign in data for name, data in parts.items())
    ]


def changed(template: bytes, made: bytes) -> list[str]:
    """The template's parts that are not byte for byte in the filled form."""
    with zipfile.ZipFile(io.BytesIO(template)) as before, zipfile.ZipFile(io.BytesIO(made)) as after:
        names = set(after.namelist())
        return [name for name in before.namelist() if name not in names or before.read(name) != after.read(name)]
