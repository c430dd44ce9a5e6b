"""Rows that repeat, appear and vanish: loops, choices, vertical merges, and what moves with them."""

import io
import zipfile

import openpyxl
import pytest

from xltool.output.template import Template, TemplateError


def template(
    rows: list[list[object]], merges: tuple[str, ...] = (), heights: dict[int, float] | None = None
) -> Template:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "表"
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    for merge in merges:
        sheet.merge_cells(merge)
    for number, height in (heights or {}).items():
        sheet.row_dimensions[number].height = height
    stream = io.BytesIO()
    workbook.save(stream)
    return Template.load(stream.getvalue(), "模板.xlsx")


def filled(t: Template, **context):
    return openpyxl.load_workbook(io.BytesIO(t.render(context))).active


def rows_of(sheet) -> list[list[object]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def merges_of(sheet) -> set[str]:
    return {area.coord for area in sheet.merged_cells.ranges}


FOR, ENDFOR = "{%tr for x in xs %}", "{%tr endfor %}"


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_the_rows_between_the_tags_repeat_and_the_tag_rows_vanish(count):
    t = template([["头"], [FOR], ["{{ loop.index }}", "{{ x }}"], [ENDFOR], ["尾"]])
    xs = [f"项{i}" for i in range(count)]
    sheet = filled(t, xs=xs)
    assert [sheet.cell(n, 1).value for n in range(1, count + 4)] == ["头", *range(1, count + 1), "尾", None]
    assert [sheet.cell(n, 2).value for n in range(2, count + 2)] == xs


def test_empty_rows_inside_a_loop_keep_their_place():
    t = template([[FOR], ["{{ x }}"], [], [ENDFOR], [], ["尾"]])
    assert [row[0] for row in rows_of(filled(t, xs=[1, 2]))] == [1, None, 2, None, None, "尾"]


def test_loops_nest_and_each_level_may_have_rows_of_its_own():
    t = template(
        [
            ["{%tr for g in groups %}"],
            ["{{ g.name }}"],
            ["{%tr for x in g.xs %}"],
            ["{{ loop.index }}", "{{ x }}"],
            [ENDFOR],
            ["小计", "{{ g.xs|sum }}"],
            [ENDFOR],
        ]
    )
    groups = [{"name": "苏州", "xs": [1, 2]}, {"name": "无锡", "xs": []}]
    read = rows_of(filled(t, groups=groups))
    assert read == [["苏州", None], [1, 1], [2, 2], ["小计", 3], ["无锡", None], ["小计", 0]]


def test_if_elif_and_else_keep_one_branch():
    t = template(
        [["{%tr if n > 1 %}"], ["多"], ["{%tr elif n == 1 %}"], ["一"], ["{%tr else %}"], ["无"], ["{%tr endif %}"]]
    )
    assert [rows_of(filled(t, n=n)) for n in (2, 1, 0)] == [[["多"]], [["一"]], [["无"]]]


def test_the_else_of_a_loop_stands_for_nothing_to_list():
    t = template([[FOR], ["{{ x }}"], ["{%tr else %}"], ["没有项目"], [ENDFOR], ["尾"]])
    assert [row[0] for row in rows_of(filled(t, xs=[]))] == ["没有项目", "尾"]
    assert [row[0] for row in rows_of(filled(t, xs=[1]))] == [1, "尾"]


def test_choices_inside_loops_and_filters_on_loops_work():
    t = template(
        [["{%tr for x in xs if x %}"], ["{%tr if x > 5 %}"], ["大 {{ x }}"], ["{%tr endif %}"], ["{{ x }}"], [ENDFOR]]
    )
    assert [row[0] for row in rows_of(filled(t, xs=[0, 3, 9]))] == [3, "大 9", 9]


def test_loop_targets_may_be_pairs():
    t = template([["{%tr for name, value in pairs.items() %}"], ["{{ name }}", "{{ value }}"], [ENDFOR]])
    assert rows_of(filled(t, pairs={"甲": 1, "乙": 2})) == [["甲", 1], ["乙", 2]]


def test_row_heights_and_styles_follow_their_rows():
    t = template([["头"], [FOR], ["{{ x }}"], [ENDFOR], ["尾"]], heights={1: 30, 3: 41, 5: 52})
    sheet = filled(t, xs=[1, 2])
    assert [sheet.row_dimensions[n].height for n in (1, 2, 3, 4)] == [30, 41, 41, 52]


def test_merges_inside_a_repeated_row_repeat_and_those_below_move():
    t = template([["题"], [FOR], ["{{ x }}"], [], [ENDFOR], ["尾"]], ("A1:C1", "A3:B3", "C3:C4", "A6:C6"))
    expected = {"A1:C1", "A2:B2", "C2:C3", "A4:B4", "C4:C5", "A6:C6"}
    assert merges_of(filled(t, xs=[1, 2])) == expected
    assert merges_of(filled(t, xs=[])) == {"A1:C1", "A2:C2"}


def test_a_merge_over_the_loop_grows_with_it_and_may_shrink_away():
    t = template([["甲"], ["", FOR], ["", "{{ x }}"], ["", ENDFOR], ["", "尾"]], ("A1:A5",))
    assert merges_of(filled(t, xs=[1, 2, 3])) == {"A1:A5"}
    assert merges_of(filled(t, xs=[])) == {"A1:A2"}
    only_tags = template([["头"], ["", FOR], ["", "{{ x }}"], ["", ENDFOR]], ("A2:A4",))
    assert merges_of(filled(only_tags, xs=[1, 2])) == {"A2:A3"}
    assert merges_of(filled(only_tags, xs=[1])) == set()


def test_a_merge_over_an_inner_loop_grows_per_outer_turn():
    rows = [["{%tr for g in gs %}"], ["{{ g.name }}", "头"], ["", "{%tr for x in g.xs %}"], ["", "{{ x }}"]]
    t = template([*rows, ["", ENDFOR], [ENDFOR]], ("A2:A5",))
    gs = [{"name": "甲", "xs": [1, 2]}, {"name": "乙", "xs": [3]}, {"name": "丙", "xs": []}]
    assert merges_of(filled(t, gs=gs)) == {"A1:A3", "A4:A5"}


# Vertical merges


def vm(columns: int = 2) -> Template:
    return template(
        [[FOR], ["{% vm %}{{ x[" + str(i) + "] }}" for i in range(columns)] + ["{{ loop.index }}"], [ENDFOR]]
    )


def test_equal_neighbours_are_merged_and_nothing_is_lost():
    sheet = filled(vm(), xs=[("甲", 1), ("甲", 1), ("乙", 1), ("乙", 2), ("甲", 2)])
    assert merges_of(sheet) == {"A1:A2", "A3:A4", "B1:B2"}
    assert [row[:2] for row in rows_of(sheet)] == [["甲", 1], [None, None], ["乙", 1], [None, 2], ["甲", 2]]


def test_a_run_never_crosses_a_change_to_its_left():
    sheet = filled(vm(), xs=[("甲", "同"), ("乙", "同"), ("乙", "同")])
    assert merges_of(sheet) == {"A2:A3", "B2:B3"}


def test_values_of_different_types_are_not_equal():
    assert merges_of(filled(vm(1), xs=[(1,), (True,), ("1",)])) == set()


def test_runs_end_with_their_loop():
    t = template([["{%tr for g in gs %}"], ["{%tr for x in g %}"], ["{% vm %}{{ x }}"], [ENDFOR], [ENDFOR]])
    assert merges_of(filled(t, gs=[["甲", "甲"], ["甲", "甲"]])) == {"A1:A2", "A3:A4"}


def test_a_merge_column_may_itself_cover_several_columns_and_rows():
    t = template([[FOR], ["{% vm %}{{ x }}", "", "上"], ["", "", "下"], [ENDFOR]], ("A2:B3",))
    assert merges_of(filled(t, xs=["甲", "甲", "乙"])) == {"A1:B4", "A5:B6"}


def test_rows_that_do_not_touch_are_not_merged():
    t = template([[FOR], ["{% vm %}{{ x }}"], ["之间"], [ENDFOR]])
    assert merges_of(filled(t, xs=["甲", "甲"])) == set()


def test_fixed_text_may_be_merged_too():
    t = template([[FOR], ["{% vm %}合并", "{{ x }}"], [ENDFOR]])
    assert merges_of(filled(t, xs=[1, 2, 3])) == {"A1:A3"}


def test_the_count_of_merged_cells_is_written():
    data = vm(1).render({"xs": [("甲",), ("甲",)]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<mergeCells count="1"><mergeCell ref="A1:A2"/></mergeCells>' in xml
    assert xml.index("</sheetData>") < xml.index("<mergeCells") < xml.index("<pageMargins")


# What is refused when the template is loaded


@pytest.mark.parametrize(
    ("rows", "cell", "words"),
    [
        ([[FOR], ["{{ x }}"]], "A1", "没有对应的 {%tr endfor %}"),
        ([["{%tr if a %}"], ["{{ x }}"]], "A1", "没有对应的 {%tr endif %}"),
        ([["x"], [ENDFOR]], "A2", "前面没有对应的 {%tr for … %}"),
        ([[FOR], ["{%tr endif %}"], [ENDFOR]], "A2", "前面没有对应的 {%tr if … %}（现在在 A1"),
        ([["{%tr else %}"]], "A1", "{%tr if … %} 或 {%tr for … %}"),
        ([["{%tr if a %}"], ["{%tr else %}"], ["{%tr else %}"], ["{%tr endif %}"]], "A3", "else 后面不能再有"),
        ([[FOR, "{%tr if a %}"], [ENDFOR]], "B1", "一行只放一个"),
        ([[FOR + FOR], [ENDFOR]], "A1", "独占一个单元格"),
        ([["每项 " + FOR], [ENDFOR]], "A1", "独占一个单元格"),
        ([[FOR, "金额"], ["{{ x }}"], [ENDFOR]], "A1", "B1 还有内容"),
        ([["{%tr set a = 1 %}"]], "A1", "{%tr 后面只能是"),
        ([["{%tr for x xs %}"], [ENDFOR]], "A1", "模板语法不对"),
        ([["{% vm %}{{ a }}"]], "A1", "只能用在 {%tr for %} 循环的行里"),
        ([[FOR], ["{{ x }}{% vm %}"], [ENDFOR]], "A2", "只能放在单元格开头"),
        ([["{% for x in xs %}"], ["{{ x }}"], ["{% endfor %}"]], "A1", "模板语法不对"),
        ([["{{ a }"]], "A1", "模板语法不对"),
        ([["{{ a|nosuch }}"]], "A1", "没有名为 nosuch 的过滤器"),
        ([["{% include 'x' %}"]], "A1", "单元格里只能用"),
        ([["{% macro m() %}{% endmacro %}"]], "A1", "单元格里只能用"),
        ([["{%tc for x in xs %}"]], "A1", "表格模板只有"),
        ([["{{ a|default(“无”) }}"]], "A1", "英文引号"),
    ],
)
def test_a_broken_template_is_refused_with_the_cell_and_the_reason(rows, cell, words):
    with pytest.raises(TemplateError) as caught:
        template(rows)
    found = {problem.where.cell: str(problem) for problem in caught.value.problems}
    assert words in found[cell]
    assert found[cell].startswith(f"模板.xlsx 表!{cell} ")


def test_all_problems_of_a_template_are_found_in_one_pass():
    with pytest.raises(TemplateError) as caught:
        template([["{{ a }"], ["{% vm %}{{ b }}"], [ENDFOR], ["{{ c|nosuch }}"], [FOR]])
    assert [p.where.cell for p in caught.value.problems] == ["A1", "A4", "A3", "A5", "A2"]
    assert {p.code for p in caught.value.problems} == {"template.syntax"}
