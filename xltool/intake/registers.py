"""The two lists a city keeps beside the submissions: projects funded before (历年立项), and the places each county got (名额)."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..guideline.records import letters
from ..rules.model import Edition
from ..rules.problems import Problem, ProblemsError, Where
from .collisions import CITY, CODE, COUNTY, Allotment, Funded
from .headers import Vocabulary, heading
from .opening import read_source
from .projects import CATEGORY, TITLE, UNIT_NAME
from .tables import tables_of
from .values import shown

YEAR, PLACES = "年度", "名额"
_WORDS = {
    TITLE: ("项目名称", "项目", "立项项目"),
    UNIT_NAME: ("单位", "企业名称", "企业", "承担单位", "申报单位", "项目单位", "项目承担单位"),
    CODE: ("信用代码",),
    CATEGORY: ("项目类别", "类别", "项目编号", "专项", "指南项目", "项目类型"),
    COUNTY: ("县区", "区县", "地区", "县市区", "所属地区", "推荐单位"),
    CITY: ("地市", "市"),
    YEAR: ("立项年度", "年份", "立项年份", "支持年度"),
    PLACES: ("名额数", "限额", "推荐名额", "分配名额", "推荐数", "不超过", "数量"),
}

Row = Mapping[str, str]


def read_history(path: Path, edition: Edition) -> list[Funded]:
    """The projects funded before. Raises ProblemsError when the file has no table with units and titles."""
    def about(row: Row) -> str:
        return "".join(f"{row[name]}，" for name in (YEAR, CATEGORY) if row.get(name))
    return [Funded(row.get(UNIT_NAME, ""), row.get(CODE, ""), row[TITLE], about(row), where)
            for row, where in _rows(path, edition, {TITLE}, {UNIT_NAME, CODE}) if row.get(TITLE) and (row.get(UNIT_NAME) or row.get(CODE))]


def read_allotments(path: Path, edition: Edition) -> list[Allotment]:
    """The places of each county or city. Raises ProblemsError for a number that is none, or a programme that is unknown."""
    found, problems = [], []
    for row, where in _rows(path, edition, {PLACES}, {COUNTY, CITY}):
        place, number, name = row.get(COUNTY) or row.get(CITY), row.get(PLACES, ""), row.get(CATEGORY, "")
        if not place or not number:
            continue
        programme = edition.find(name) if name else None
        if not number.isdigit():
            problems.append(Problem("value.type", number, "名额应为整数", "请只写数字", where))
        elif name and programme is None:
            problems.append(Problem("value.unknown", name, f"{edition.id}版没有这个项目", "最接近的：" + "、".join(edition.near(name)), where))
        else:
            found.append(Allotment(place, programme.id if programme else "", int(number), where))
    if problems:
        raise ProblemsError(problems)
    return found


def _rows(path: Path, edition: Edition, needed: set[str], one_of: set[str]) -> Iterator[tuple[Row, Where]]:
    """The data rows of every table with the needed headings and one of some others, by what their headings mean."""
    source = read_source(path)
    if not source.grids:
        raise ProblemsError(source.problems)
    meanings = {key: target.field.name for key, target in Vocabulary(edition).columns.items()}
    meanings |= {heading(word).key: name for name, words in _WORDS.items() for word in (name, *words)}
    read = False
    for grid, tables in zip(source.grids, tables_of(source, frozenset(meanings))):
        for table in tables:
            places = {meanings[key]: column.index for column in reversed(table.columns) if column.path
                      and (key := heading(column.path[-1]).key) in meanings}
            if needed <= places.keys() and one_of & places.keys():
                read = True
                for record in table.numbers:
                    cells = {name: table.place(record, index) for name, index in places.items()}
                    yield ({name: shown(grid.rows[row][column]) for name, (row, column) in cells.items() if column < len(grid.rows[row])},
                           Where(source.name, grid.name, table.record_name(record) if table.turned else f"{letters(table.left)}{record + 1}"))
    if not read:
        raise ProblemsError([Problem("sheet.empty", source.name, f"没有找到有“{'”“'.join(sorted(needed))}”的表",
                                     f"表头还要有{'、'.join(sorted(one_of))}之一", Where(source.name))])
