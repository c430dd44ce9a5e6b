"""The schedule in one cell of a list: stages in order, every text kept, faults where the line stands."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.intake.projects import Cell
from xltool.intake.schedule import Stage, read_schedule, schedule_sum
from xltool.rules.problems import Where

HERE = Where("清单.xlsx", "清单", "R5")


def cell(value: object, name: str = "项目实施进度计划") -> Cell:
    return Cell(name, value, value, Where("清单.xlsx", "清单"), 4, 17)


def stages(text: str) -> list[tuple[str, str, float | None]]:
    found, problems = read_schedule(cell(text))
    assert problems == []
    return [(stage.period, stage.content, stage.amount) for stage in found]


@pytest.mark.parametrize(("line", "stage"), [
    ("2022年7月至12月；采购设备；1200", ("2022年7月至12月", "采购设备", 1200.0)),
    ("2022.7-2022.12;采购设备;1,200.5万元", ("2022.7-2022.12", "采购设备", 1200.5)),
    ("2022年\t采购设备\t0.12亿元", ("2022年", "采购设备", 1200.0)),
    (" 2022年 ｜ 采购设备 ｜ 3000元 ", ("2022年", "采购设备", 0.3)),
    ("2022年；采购设备；安装调试；1200万元", ("2022年", "采购设备；安装调试", 1200.0)),
    ("2022年；采购设备；1200万元；", ("2022年", "采购设备", 1200.0)),
])
def test_a_line_gives_period_content_and_amount(line, stage):
    assert stages(line) == [stage]


@pytest.mark.parametrize(("line", "stage", "empty"), [
    ("2022年；采购设备；", Stage("2022年", "采购设备"), "投入总额"), ("；采购设备；5", Stage("", "采购设备", 5.0), "起止时间"),
    ("2022年；；—", Stage("2022年", ""), "项目建设内容、投入总额")])
def test_what_a_line_leaves_out_is_told(line, stage, empty):
    found, (problem,) = read_schedule(cell(line))
    assert found == [stage]
    assert (problem.code, problem.where) == ("cell.missing", HERE) and f"没有写{empty}，" in problem.expected


@pytest.mark.parametrize("unit", ["", "（万元）", "(万元)"])
def test_headings_and_blank_lines_are_no_stages(unit):
    text = f"起止时间；项目建设内容；投入总额{unit}\n\n2022年；采购；5\n；；\n2023年；安装；6\n"
    assert stages(text) == [("2022年", "采购", 5.0), ("2023年", "安装", 6.0)]


def test_no_cell_has_no_stages():
    assert read_schedule(None) == ([], [])


@pytest.mark.parametrize(("line", "words"), [
    ("设备采购，年底完成", "分不成三段"), ("2022年；设备采购", "分不成三段"), ("2022年；设备采购；约100万元", "投入总额“约100万元”不是金额"),
    ("2022年；设备采购；安装", "投入总额“安装”不是金额"), ("2022年；设备采购；-5", "投入总额“-5”不是金额")])
def test_a_line_that_cannot_be_split_stays_whole_and_is_a_problem(line, words):
    found, (problem,) = read_schedule(cell(f"2022年；设计；5\n{line}"))
    assert found == [Stage("2022年", "设计", 5.0), Stage("", line)]
    assert (problem.code, problem.found, problem.where) == ("value.type", line, HERE) and words in problem.expected and problem.fix


@given(st.lists(st.tuples(*[st.text("年月设备采购123 ；;|\t", max_size=8)] * 3), max_size=4))
def test_no_sign_of_a_schedule_is_lost(rows):
    text = "\n".join("；".join(row) for row in rows)
    found, _ = read_schedule(cell(text))

    def signs(written: str) -> str:
        return "".join(sign for sign in written if sign in "年月设备采购")
    assert signs(text) == signs("".join(stage.period + stage.content for stage in found))


def test_amounts_that_do_not_come_to_the_investment_are_a_hint():
    rows, _ = read_schedule(cell("2022年；采购；0.1\n2023年；安装；0.2"))
    assert schedule_sum(rows, cell(0.3, "申报项目总投资")) is None
    hint = schedule_sum(rows, cell(0.35, "申报项目总投资"))
    assert hint.is_note and (hint.code, hint.found) == ("note.sum", "0.3") and "“申报项目总投资”是0.35万元" in hint.expected


def test_a_stage_without_an_amount_leaves_the_sum_open():
    rows, _ = read_schedule(cell("2022年；采购；5\n2023年；安装；"))
    assert schedule_sum(rows, cell(9.0)) is None and schedule_sum([], cell(9.0)) is None and schedule_sum(rows, None) is None
