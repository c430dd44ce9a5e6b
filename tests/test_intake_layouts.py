"""Tables put together at random from the parts that counties use: every row has the role it was made for."""
from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st
from table_sheets import only

from xltool.intake.grid import Area, Grid
from xltool.intake.tables import ROLES, find_tables

NAMES = ["东海机械", "连云化工", "赣榆纺织", "灌云电子", "灌南材料", "海州软件", "盐都装备", "射阳风电"]
TITLES = ["附件1", "2026年专项资金项目汇总表", "东海县项目申报清单"]
FOOTERS = [("注：本表一式三份", "note"), ("填表人：张三    审核人：李四", "signature"), ("（盖章）", "signature"),
           ("备注：金额以发票为准", "note")]
PLAIN = ["序号", "企业名称", "项目名称", "总投资（万元）", "补助（万元）", "开工日期"]


@st.composite
def layouts(draw):
    """A sheet put together from parts, and the role of every row."""
    rows: list[list[object]] = []
    merges: list[Area] = []
    expected: list[str] = []

    def add(role: str, *cells: object) -> None:
        rows.append([*cells, *[""] * (len(PLAIN) - len(cells))])
        expected.append(role)

    def blanks(most: int) -> None:
        for _ in range(draw(st.integers(0, most))):
            add("blank")

    blanks(2)
    for title in draw(st.lists(st.sampled_from(TITLES), unique=True, max_size=2)):
        if draw(st.booleans()):
            merges.append(Area(len(rows), 0, len(rows), 5))
        add("title", title)
    if draw(st.booleans()):
        add("note", "", "", "", "", "", "单位：万元")
    blanks(1)
    top = len(rows)
    if draw(st.booleans()):
        add("header", "序号", "企业名称", "项目名称", "投资情况", "", "开工日期")
        add("header", "", "", "", "总投资（万元）", "补助（万元）")
        if draw(st.booleans()):
            merges += [Area(top, column, top + 1, column) for column in (0, 1, 2, 5)] + [Area(top, 3, top, 4)]
    else:
        add("header", *PLAIN)
    if draw(st.booleans()):
        add("number", *map(float, range(1, 7)))
    number, parts = 0, draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["none", "group", "subtotal", "both"])) if parts > 1 else "none"
    sums = [0.0, 0.0]
    for part in range(parts):
        own = [0.0, 0.0]
        if kind in ("group", "both"):
            add("group", f"{'一二三'[part]}、{['技术改造', '智能化', '绿色化'][part]}")
        for _ in range(draw(st.integers(1, 4))):
            amounts = [float(draw(st.integers(10, 9999))), draw(st.integers(100, 99999)) / 100]
            own = [total + amount for total, amount in zip(own, amounts)]
            number += 1
            add("data", float(number), f"{draw(st.sampled_from(NAMES))}有限公司", f"第{number}期建设项目", *amounts,
                dt.date(2025, 3, number))
            if draw(st.integers(0, 7)) == 0:
                add("blank")
        sums = [total + amount for total, amount in zip(sums, own)]
        if kind in ("subtotal", "both"):
            add("subtotal", "小计", "", "", *own)
    if draw(st.booleans()):
        add("total", *draw(st.sampled_from([("合计", "", ""), ("", "合 计", ""), ("总计：", "", "")])), *sums)
    blanks(2)
    for text, role in draw(st.lists(st.sampled_from(FOOTERS), unique=True, max_size=2)):
        add(role, text)
    while expected and expected[-1] == "blank":
        rows.pop(), expected.pop()
    return Grid("汇总", rows, tuple(merges)), expected


@settings(max_examples=300, deadline=None)
@given(layouts())
def test_a_sheet_of_any_parts_is_recovered(layout):
    grid, expected = layout
    table = only(grid)
    assert [table.roles[row] for row in range(len(grid.rows))] == expected and len(table.roles) == len(expected)
    assert [column.path[-1] for column in table.columns] == PLAIN


@settings(max_examples=100, deadline=None)
@given(layouts(), st.permutations(range(6)))
def test_the_order_of_columns_changes_no_role_of_a_plain_list(layout, order):
    """Captions stay where they are: only lists with one heading row and no merges are shuffled."""
    grid, expected = layout
    if expected.count("header") > 1 or "number" in expected or "group" in expected:
        return
    body = [index for index, role in enumerate(expected) if role in ("header", "data", "subtotal", "total")]
    for index in body:
        grid.rows[index] = [grid.rows[index][column] for column in order]
    table = only(grid)
    assert [table.roles[row] for row in body] == [expected[row] for row in body]


ODD = ["注塑机改造", "备注云平台建设", "说明书编制系统", "填报系统建设项目", "负责人培训：一期", "联系人管理平台", "示例工厂", "例行检修项目",
       "请柬印刷线", "小计算机研发", "总计控股有限公司", "审计合计系统", "一、二期扩建工程", "（一）厂房", "东海县", "2025", "盖章机械", "合计时器厂",
       "单位：换算仪表", "项目名称", "序号打印机", "A-1", "公式引用平台", "第一批"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ODD), st.sampled_from(ODD), st.floats(1, 9e5), st.floats(1, 9e5)), min_size=1, max_size=8),
       st.booleans())
def test_a_complete_record_is_a_record_whatever_it_is_called(records, numbered):
    rows = [PLAIN[:5] if numbered else PLAIN[1:5]]
    rows += [[*([float(number)] if numbered else []), *record] for number, record in enumerate(records, 1)]
    table = only(Grid("汇总", rows))
    assert table.header_rows == (0,) and table.data_rows == list(range(1, len(rows)))


cells = st.one_of(st.just(""), st.sampled_from(["", "", "合计", "序号", "企业名称", "一、", "注：", "投资（万元）", "单位：万元",
                                                "东海县", "...", " ", "2025年", "例"]),
                  st.text(max_size=6), st.floats(allow_nan=True), st.booleans(), st.dates())
areas = st.builds(lambda top, left, height, width: Area(top, left, top + height, left + width),
                  st.integers(0, 9), st.integers(0, 5), st.integers(0, 9), st.integers(0, 9))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(cells, max_size=7), max_size=14), st.lists(areas, max_size=6))
def test_any_sheet_is_accounted_for(rows, merges):
    """Whatever stands on a sheet, every filled row has one role in each group of tables beside each other."""
    tables = find_tables(Grid("x", rows, tuple(merges)))
    filled = {row for row, line in enumerate(rows) if any(not isinstance(cell, str) or cell.strip() for cell in line)}
    assert filled <= {row for table in tables for row in table.roles}
    for table in tables:
        assert set(table.roles.values()) <= set(ROLES) and list(table.roles) == sorted(table.roles)
        assert all(table.roles[row] == "header" for row in table.header_rows)
        assert len({column.index for column in table.columns}) == len(table.columns)
