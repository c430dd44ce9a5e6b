"""A run's papers packed to be handed on: an archive per county and one per direction, each with an index whose links open its files.

The links are relative: they work wherever an archive is unpacked.
"""
from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from ..checking import Checked
from ..files import Names, safe_name

PACKAGES, INDEX = "资料包", "索引.xlsx"
BY_COUNTY, BY_DIRECTION = "按县（市、区）", "按方向"
NO_COUNTY = "未填县区"
_HEADING_ROW = 2
_MOST_LINKS = 65_000  # Excel opens a sheet with 65,530 at most


@dataclass(frozen=True, slots=True)
class Packed:
    """A project with its papers: what each is called, and its file within the run."""

    item: Checked
    number: int
    papers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Package:
    """An archive to write: its place in the run, its title, its projects, and files that belong to them all, by what they are called."""

    path: str
    title: str
    projects: Sequence[Packed]
    whole: Mapping[str, str]


def packages(packed: Sequence[Packed], tables: Mapping[str, Mapping[str, str]]) -> list[Package]:
    """The archives of a run. `tables`: the summary table of each direction that has one, file by what it is called."""
    found = []
    for place, key, extra in ((BY_COUNTY, lambda each: each.item.county or NO_COUNTY, {}),
                              (BY_DIRECTION, lambda each: each.item.project.programme.direction, tables)):
        groups: dict[str, list[Packed]] = {}
        for each in packed:
            groups.setdefault(key(each), []).append(each)
        names = Names()
        for title, own in groups.items():
            found.append(Package(f"{PACKAGES}/{place}/{names.unique(safe_name(title))}.zip", title, own, extra.get(title, {})))
    return found


def write_package(package: Package, folder: Path, created: dt.datetime, file: BytesIO) -> None:
    """Write an archive of files in a folder, stored as they are, with its index first."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(INDEX), index_workbook(package, created))
        for path in [*package.whole.values(), *(path for each in package.projects for path in each.papers.values())]:
            with archive.open(_entry(path), "w", force_zip64=False) as target, open(folder / path, "rb") as source:
                shutil.copyfileobj(source, target)


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path)
    entry.external_attr = 0o644 << 16
    return entry


def index_workbook(package: Package, created: dt.datetime) -> bytes:
    """The index of an archive: a row per project, a link per paper."""
    from ..layout import new_book  # XlsxWriter only where archives are asked for
    data = BytesIO()
    papers = list(dict.fromkeys(name for each in package.projects for name in each.papers))
    rows = max(1, (_MOST_LINKS - len(package.whole)) // max(1, len(papers)))
    with new_book(data, f"{package.title} 索引", created.replace(tzinfo=None)) as book:
        looks = _Looks(book)
        for page, start in enumerate(range(0, len(package.projects), rows), 1):
            _write_sheet(book.add_worksheet("索引" if page == 1 else f"索引{page}"), looks, package, papers,
                         package.projects[start:start + rows])
    return data.getvalue()


_HEADINGS = (("序号", 6), ("县（市、区）", 13), ("单位名称", 34), ("申报项目名称", 40), ("项目类别", 34), ("结论", 9))


class _Looks:
    def __init__(self, book) -> None:
        plain = {"font_name": "宋体", "font_size": 10, "border": 1, "valign": "vcenter"}
        self.title = book.add_format({"font_name": "黑体", "font_size": 14, "valign": "vcenter"})
        self.head = book.add_format({**plain, "bold": True, "align": "center", "bg_color": "#DDEBF7", "text_wrap": True})
        self.text = book.add_format({**plain, "text_wrap": True})
        self.centre = book.add_format({**plain, "align": "center"})
        self.link = book.add_format({**plain, "align": "center", "font_color": "#0563C1", "underline": 1})


def _write_sheet(sheet, looks: _Looks, package: Package, papers: Sequence[str], projects: Iterable[Packed]) -> None:
    from ..layout import DENSE_WIDTH, fit_row, heading_width, print_on_a4
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, f"{package.title}：{len(package.projects)} 个项目。先解压，再点链接打开文件。", looks.title)
    for column, (name, path) in enumerate(package.whole.items()):
        sheet.write_url(1, 2 + column, f"external:{path}", looks.link, name)
    columns = [*_HEADINGS, *((name, max(8, heading_width(name))) for name in papers)]
    for column, (heading, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEADING_ROW, column, heading, looks.head)
    fit_row(sheet, _HEADING_ROW, columns)
    row = _HEADING_ROW
    for row, each in enumerate(projects, _HEADING_ROW + 1):
        project = each.item.project
        sheet.write_number(row, 0, each.number, looks.centre)
        texts = each.item.county, project.unit_name, project.title, project.programme.title
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, text, looks.text)
        fit_row(sheet, row, ((text, width) for text, (_, width) in zip(texts, _HEADINGS[1:])))
        sheet.write_string(row, 5, each.item.answer.verdict, looks.centre)
        for column, name in enumerate(papers, len(_HEADINGS)):
            if name in each.papers:
                sheet.write_url(row, column, f"external:{each.papers[name]}", looks.link, "打开")
            else:
                sheet.write_blank(row, column, None, looks.centre)
    sheet.freeze_panes(_HEADING_ROW + 1, 0)
    sheet.repeat_rows(_HEADING_ROW)
    sheet.autofilter(_HEADING_ROW, 0, row, len(columns) - 1)
    print_on_a4(sheet, [width for _, width in columns], page=DENSE_WIDTH)
