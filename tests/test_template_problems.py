"""Problems of filling in: each names file, sheet and cell, all of them in one pass, and the sandbox holds."""

import datetime as dt
import io
from types import SimpleNamespace

import openpyxl
import pytest

from xltool.output.template import Template, TemplateError

FOR, ENDFOR = "{%tr for p in projects %}", "{%tr endfor %}"


def template(*rows: list[object]) -> Template:
    workbook = openpyxl.Workbook()
    workbook.active.title = "汇总表"
    for row in rows:
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return Template.load(stream.getvalue(), "表.xlsx")


def problems(t: Template, **context) -> list:
    with pytest.raises(TemplateError) as caught:
        t.render(context)
    return list(caught.value.problems)


def test_an_unknown_name_is_told_with_the_names_there_are():
    (problem,) = problems(template(["{{ titel }}"]), title="x", year=1)
    assert str(problem) == "表.xlsx 汇总表!A1 “{{ titel }}”：没有 titel；可用的名称有 title、year"
    assert problem.code == "template.name"


def test_an_unknown_attribute_in_a_loop_names_the_turn_and_the_attributes():
    t = template([FOR], ["{{ p.nmae }}"], [ENDFOR])
    (problem,) = problems(t, projects=[{"name": "a", "city": "b"}])
    assert str(problem) == "表.xlsx 汇总表!A2 “{{ p.nmae }}”：没有 nmae（循环的第 1 项）；可用的名称有 name、city"
    (problem,) = problems(t, projects=[{"nmae": 1}, SimpleNamespace(name="a")])
    assert "没有 nmae（循环的第 2 项）；可用的名称有 name" in str(problem)


def test_all_cells_at_fault_are_named_in_one_pass():
    t = template(
        ["{{ a }}", "共 {{ b.c }} 项", "{{ 1 / zero }}", "{{ fine }}"],
        ["{%tr for x in nothing %}"],
        ["{{ x }}"],
        [ENDFOR],
        ["{{ nan }}", "{{ [1] }}"],
    )
    found = {p.where.cell: p.code for p in problems(t, b={}, zero=0, fine=1, nan=float("nan"))}
    assert found == {
        "A1": "template.name",
        "B1": "template.name",
        "C1": "template.failed",
        "A2": "template.name",
        "A5": "template.value",
        "B5": "template.value",
    }


def test_a_wrong_value_deep_in_a_long_list_is_found_with_its_place():
    t = template([FOR], ["{{ p.n }}"], [ENDFOR])
    (problem,) = problems(t, projects=[{"n": 1}] * 500 + [{"n": float("inf")}])
    assert "值是 inf（循环的第 501 项）" in str(problem)


def test_something_that_is_no_list_cannot_be_looped_over():
    (problem,) = problems(template([FOR], ["{{ p }}"], [ENDFOR]), projects=5)
    assert (problem.where.cell, problem.code) == ("A1", "template.failed")


def test_a_name_can_be_made_optional():
    t = template(["{{ note|default('无') }}", "{% if note is defined %}{{ note }}{% endif %}"])
    sheet = openpyxl.load_workbook(io.BytesIO(t.render({}))).active
    assert (sheet["A1"].value, sheet["B1"].value) == ("无", None)


def test_an_iterator_that_is_used_up_still_gives_a_problem():
    t = template([FOR], ["{{ p.n }}"], [ENDFOR])
    (problem,) = problems(t, projects=iter([{"m": 1}]))
    assert "没有 n；可用的名称有 m" in str(problem)


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__",
        "x.__init__.__globals__",
        "xs.append(1)",
        "'{0.__class__}'.format(x)",
        "'a' * 10000000",
        "10 ** 100000",
        "range(10000000)|list",
        "lipsum()",
    ],
)
def test_the_sandbox_lets_nothing_out_and_nothing_grow(expression):
    xs: list[int] = []
    assert problems(template(["{{ " + expression + " }}"]), x=SimpleNamespace(), xs=xs)
    assert xs == []


def test_private_names_are_out_of_reach():
    assert problems(template(["{{ p._secret }}"]), p=SimpleNamespace(_secret=1))


def test_keys_win_over_nothing_but_methods_stay_methods():
    t = template(["{{ p['items'] }}", "{{ p.name }}", "{{ p.items()|length }}"])
    sheet = openpyxl.load_workbook(io.BytesIO(t.render({"p": {"items": 3, "name": "n"}}))).active
    assert [c.value for c in sheet[1]] == [3, "n", 2]


def test_the_names_a_template_reads_are_listed_per_cell():
    t = template(
        ["{{ title }}", "{{ a.b['c'] + d|default(0) }}"],
        [FOR],
        ["{{ loop.index }}", "{{ p.name }}{{ year }}"],
        ["{%tr for x in p.parts if x.ok %}"],
        ["{{ x.n }}{% for y in x.ys %}{{ y }}{% endfor %}"],
        ["{%tr else %}"],
        ["{{ p.note }}"],
        [ENDFOR],
        [ENDFOR],
    )
    assert {str(use.where): use.names for use in t.names()} == {
        "表.xlsx 汇总表!A1": ("title",),
        "表.xlsx 汇总表!B1": ("a.b.c", "d"),
        "表.xlsx 汇总表!A2": ("projects",),
        "表.xlsx 汇总表!A3": (),
        "表.xlsx 汇总表!B3": ("projects[].name", "year"),
        "表.xlsx 汇总表!A4": ("projects[].parts",),
        "表.xlsx 汇总表!A5": ("projects[].parts[].n", "projects[].parts[].ys"),
        "表.xlsx 汇总表!A7": ("projects[].note",),
    }


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("｛｛ 单位名称 ｝｝", "“｛｛”是全角符号，不会当作标签；标签用英文的大括号和百分号"),
        ("{｛ x }}", "“{｛”是全角符号"),
        ("{{ x ｝｝ }}", "标签的大括号和百分号要用英文符号"),
        ("{{ x｜大写 }}", "标签里的逗号、括号、冒号、竖线要用英文符号"),
        ("{{ x|round（2） }}", "标签里的逗号、括号、冒号、竖线要用英文符号"),
        ("{{ x|default(“无”) }}", "标签里的引号要用英文引号"),
    ],
)
def test_signs_typed_in_full_width_are_told(tag, said):
    with pytest.raises(TemplateError) as caught:
        template([tag])
    (problem,) = caught.value.problems
    assert problem.where.cell == "A1" and said in str(problem)


def test_names_and_filters_in_chinese_work():
    t = template(
        ["{{ 单位名称 }}", "{{ 批复专项资金|大写 }}", "{{ 批复专项资金|元 }}"],
        ["{%tr for 行 in 进度计划 %}"],
        ["{{ 行.任务 }}", "{{ 行.日期|年月日 }}", "{{ 行.金额|大写 }}"],
        [ENDFOR],
    )
    rows = [{"任务": "一", "日期": dt.date(2025, 1, 1), "金额": None}]
    sheet = openpyxl.load_workbook(io.BytesIO(t.render({"单位名称": "甲", "批复专项资金": 0.05, "进度计划": rows}))).active
    assert [[c.value for c in row] for row in sheet] == [["甲", "伍佰元整", "500.00"], ["一", "2025年1月1日", None]]


def test_a_filter_on_a_value_it_is_not_meant_for_names_the_value():
    t = template(["{{ a|大写 }}", "{{ b|年月日 }}", "{{ c|大写 }}"])
    said = [str(problem).partition("：")[2] for problem in problems(t, a=0.1234567, b="明年", c=float("nan"))]
    assert [text.split("；")[0].removeprefix("算不出来：") for text in said] == [
        "0.1234567 万元不是整数分，金额最多 6 位小数",
        "明年 不是日期",
        "nan 不是金额，应为数（万元）",
    ]


def test_lists_that_keep_their_items_keep_their_names():
    t = template(["{%tr for p in projects|selectattr('ok')|sort(attribute='n') %}"], ["{{ p.name }}"], [ENDFOR])
    assert [use.names for use in t.names()] == [("projects",), ("projects[].name",)]
    t = template(["{%tr for k, v in facts.items() %}"], ["{{ k }}{{ v }}{{ year }}"], [ENDFOR])
    assert [use.names for use in t.names()] == [("facts.items",), ("year",)]
