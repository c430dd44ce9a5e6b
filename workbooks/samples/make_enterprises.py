"""Build the bundled sample for `xltool match`: three invented enterprises, a row each, facts of several programmes in the columns.

Run `python workbooks/samples/make_enterprises.py` after a change here or in the guideline workbook 2026. The facts are those of
the programmes' first eligible test cases, then changed as said below.
"""
from __future__ import annotations

from pathlib import Path

import xlsxwriter
from make_samples import CREATED

from xltool.guideline.bundle import edition
from xltool.rules.assess import ELIGIBLE

FOLDER = Path(__file__).resolve().parent
FILE, EDITION = "企业可申报样例.xlsx", "2026"

# name, project, programmes it states facts for, what is different
ENTERPRISES = (
    ("盐城示例集群服务有限公司", "", ("2026P4-1-2", "2026P4-2", "2026P3-3"), {}),  # two that exclude each other
    ("盐城示例新材料有限公司", "研发中心扩建", ("2026P1-1",), {"研发机构设立时间": "", "购置用于研发机构建设": ""}),  # facts missing
    ("盐城示例重工股份有限公司", "", ("2026P1-1", "2026P2-2", "2026P3-2"), {"项目结束时间": "2026-03-31"}),  # one misses a date
)


def facts(programmes: tuple[str, ...], changed: dict[str, str]) -> dict[str, str]:
    """The facts of the programmes' first eligible cases, changed."""
    found: dict[str, str] = {}
    for programme in programmes:
        found.update(next(case.facts for case in edition(EDITION).cases if (case.programme, case.verdict) == (programme, ELIGIBLE)))
    return {**found, **changed}


def build(folder: Path) -> Path:
    """Write the sample into a folder."""
    fields = edition(EDITION).whole.fields
    stated = [facts(programmes, changed) for _, _, programmes, changed in ENTERPRISES]
    columns = list(dict.fromkeys(name for each in stated for name in each))
    book = xlsxwriter.Workbook(str(folder / FILE), {"strings_to_formulas": False})
    book.set_properties({"title": "企业可申报样例（虚构）", "author": "xltool", "created": CREATED})
    title, head, cell = (book.add_format(style) for style in (
        {"bold": True, "font_size": 14}, {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#DDEBF7", "border": 1},
        {"border": 1, "text_wrap": True, "valign": "top"}))
    sheet = book.add_worksheet("企业")
    sheet.write(0, 0, "企业可申报样例（单位和数字都是编的）", title)
    for index, name in enumerate(("单位名称", "申报项目名称", *columns)):
        unit = fields[name].unit_text if name in fields else ""
        sheet.write(1, index, f"{name}（{unit}）" if unit else name, head)
    for row, ((name, project, _, _), own) in enumerate(zip(ENTERPRISES, stated), 2):
        for index, text in enumerate((name, project, *(own.get(column, "") for column in columns))):
            sheet.write(row, index, text, cell)
    sheet.set_row(1, 48)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, len(columns) + 1, 14)
    sheet.freeze_panes(2, 1)
    book.close()
    return folder / FILE


if __name__ == "__main__":
    print(build(FOLDER).name)
