"""The list of a template's tags: what each would get from the data, and what a mistyped name may have meant."""
from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace

import openpyxl
import pytest
from word_pages import page, table

from xltool.output.template import load_template, tag_lines, tag_uses

ROWS = [["{{ 单位名称 }}", "{{ 批复专项资金|大写 }}"], ["{%tr for 行 in 进度计划 %}"], ["{{ 行.任务 }}", "{{ 行.完成日期 }}{{ 行.明细[0].数 }}"],
        ["{%tr endfor %}"]]
DATA = {"单位名称": "甲公司", "批复资金": 1500.0, "进度计划": [{"任务": "一", "完成时间": dt.date(2025, 1, 1)}, {"任务": "二"}]}


def workbook() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("data", "places"), [
    (table(*ROWS), ["表1第1行第1列", "表1第1行第2列", "表1第2行第1列", "表1第3行第1列", "表1第3行第2列"]),
    (workbook(), ["Sheet!A1", "Sheet!B1", "Sheet!A2", "Sheet!A3", "Sheet!B3"]),
])
def test_both_kinds_of_template_list_their_tags_with_what_they_would_get(data, places):
    uses = tag_uses(load_template(data), DATA)
    assert [(str(use.where), use.name, use.known, use.near, use.value) for use in uses[:5]] == [
        (places[0], "单位名称", True, (), "甲公司"), (places[1], "批复专项资金", False, ("批复资金",), ""),
        (places[2], "进度计划", True, (), "2 项，第一项：任务、完成时间"), (places[3], "进度计划[].任务", True, (), "一"),
        (places[4], "进度计划[].完成日期", False, ("进度计划[].完成时间",), ""),
    ]


def uses(text: str, **data):
    return [(use.name, use.known, use.near, use.value) for use in tag_uses(load_template(page(text)), data)]


def test_a_name_used_outside_its_loop_is_found_where_it_is():
    assert uses("{{ 任务 }}", **DATA) == [("任务", False, ("进度计划[].任务",), "")]


def test_an_empty_list_leaves_open_what_its_items_hold():
    assert uses("{% for x in xs %}{{ x.n }}{% endfor %}", xs=[]) == [
        ("xs", True, (), "0 项"), ("xs[].n", True, (), "（没有数据，看不出来）")]


def test_attributes_methods_and_nothing_are_told_apart():
    item = SimpleNamespace(name="甲", _secret=1)
    assert uses("{{ p.name }}{{ p._secret }}{{ p.nmae }}{{ d.items() }}{{ n }}", p=item, d={}, n=None) == [
        ("p.name", True, (), "甲"), ("p._secret", False, (), ""), ("p.nmae", False, ("p.name",), ""),
        ("d.items", True, (), "（没有数据，看不出来）"), ("n", True, (), "（空）")]


def test_the_lines_start_with_what_is_missing_and_end_with_the_count():
    lines = tag_lines(tag_uses(load_template(page("{{ 单位名称 }}", "{{ 单位名 }}", "{{ 单位名 }}"), "书.docx"), DATA | {"单位名称": "甲" * 40}))
    assert lines == [
        "书.docx 第2段：没有 单位名，是不是“单位名称”？", "书.docx 第3段：没有 单位名，是不是“单位名称”？",
        f"书.docx 第1段：单位名称 = {'甲' * 30}…", "标签用到 2 个名称，缺 1 个"]
