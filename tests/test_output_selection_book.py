"""The selection's workbook and lines: the live sheet in a real LibreOffice, problems at their cells, conflicts by name."""
from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from click.testing import CliRunner
from test_output_selection import case, edition, write

from xltool.cli import main
from xltool.guideline.bundle import bundled
from xltool.guideline.bundle import edition as bundled_edition
from xltool.output.selection import render_selection, select_projects, selection_lines
from xltool.rules.problems import ProblemsError

PLAIN = {"申报项目类别": "2099P1", "县（市、区）": "东台市", "设区市": "盐城市", "项目申请补助资金": 10, "投入": 100, "台数": 1}


def listed(tmp_path, *rows, name="清单.xlsx"):
    units = ("甲", "乙", "丙", "丁", "戊")
    return write(tmp_path / name, [{**PLAIN, "单位名称": f"{unit}公司", "申报项目名称": f"{unit}的工程", **row} for unit, row in zip(units, rows)])


@pytest.fixture
def guide():
    return edition(random.Random(1))


def test_toggled_projects_change_the_live_totals_and_limits_as_they_would_here(soffice, tmp_path):
    """Every quota and budget is computed by LibreOffice for a random choice, and by the bounds themselves."""
    files, expected = [], []
    seed = 9000
    while len(files) < 6:
        seed += 1
        path, guide, options, _ = case(seed, tmp_path)
        try:
            selection = select_projects(path, guide, **options)
        except ProblemsError:
            continue
        if len(selection.options) < 4 or len(selection.bounds) < 4:
            continue
        rng = random.Random(seed)
        taken = {place for place in range(len(selection.options)) if rng.random() < .6}
        book = openpyxl.load_workbook(BytesIO(render_selection(selection)))
        for place in range(len(selection.options)):
            book["试算"].cell(7 + place, 1).value = int(place in taken)
        files.append(tmp_path / f"试算{seed}.xlsx")
        book.save(files[-1])
        expected.append((selection, taken))
    (tmp_path / "out").mkdir()
    broken_ones = 0
    for path, (selection, taken) in zip(soffice.convert(files, tmp_path / "out"), expected):
        book = openpyxl.load_workbook(path, data_only=True)
        sheet, bounds = book["试算"], [*selection.bounds, *selection.soft]
        broken = [bound for bound in selection.bounds if bound.broken(taken)]
        broken_ones += len(broken)
        assert sheet["C3"].value == len(taken) and sheet["C4"].value == len(selection.chosen)
        assert sheet["D3"].value == pytest.approx(sum(selection.options[each].score or 0 for each in taken) / 1e6, abs=1e-9)
        assert sheet["E3"].value == pytest.approx(sum(selection.options[each].amount or 0 for each in taken) / 1e6, abs=1e-9)
        assert sheet["H3"].value == len(broken)
        assert sheet["H4"].value == (broken[0].name if broken else "没有突破")
        for row, bound in enumerate(bounds, 2):
            live = book["试算限制"]
            assert live.cell(row, 6).value == pytest.approx(bound.used(taken) / bound.unit, abs=1e-9)
            assert (live.cell(row, 8).value in ("超出", "不足")) is bound.broken(taken)
        for place in range(len(selection.options)):
            concerned = place in taken and any(place in bound.uses for bound in broken)
            assert (sheet.cell(7 + place, 11).value == "突破") is concerned
    assert broken_ones


def test_a_text_that_looks_like_a_formula_stays_text(tmp_path, guide):
    path = listed(tmp_path, {"申报项目名称": "=1+1", "单位名称": "=cmd()"}, {})
    book = openpyxl.load_workbook(BytesIO(render_selection(select_projects(path, guide))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value in ("=1+1", "=cmd()")]
    assert cells and all(cell.data_type == "s" for cell in cells)


def test_a_missing_or_unreadable_score_is_a_problem_at_its_cell(tmp_path, guide):
    path = listed(tmp_path, {"得分": 80}, {"得分": None}, {"得分": "优"})
    selection = select_projects(path, guide, score="得分")
    found = {problem.where.cell: problem for problem in selection.problems if problem.where.cell in ("K3", "K4")}
    assert found["K3"].code == "cell.missing" and "没有填“得分”" in found["K3"].expected
    assert found["K4"].code == "value.type" and found["K4"].found == "优"
    assert [each.number for each in selection.options] == [1]
    assert len(select_projects(path, guide).options) == 3, "the amount needs no score"


def test_a_score_column_nobody_has_is_refused_with_those_there_are(tmp_path, guide):
    with pytest.raises(ProblemsError, match="“评分”：清单里没有这一列，或一格也没有填；表里另有“得分”"):
        select_projects(listed(tmp_path, {"得分": 1}), guide, score="评分")


def test_a_known_column_as_the_score_counts_in_its_own_unit(tmp_path):
    heads = ("申报项目类别", "单位名称", "申报项目名称", "利润总额（亿元）")
    rows = [("2026P1-2", f"{unit}公司", f"{unit}的工程", profit) for unit, profit in (("甲", 1.5), ("乙", "200万元"), ("丙", -1))]
    path = write(tmp_path / "清单.xlsx", [dict(zip(heads, row)) for row in rows], heads)
    chosen = select_projects(path, bundled_edition("2026"), score="利润总额")
    assert [each.score for each in chosen.candidates] == [15_000_000_000, 200_000_000, -10_000_000_000] and len(chosen.chosen) == 2


def test_two_columns_of_the_score_s_name_are_told_and_none_is_taken(tmp_path):
    book = openpyxl.Workbook()
    for row in (("申报项目类别", "单位名称", "申报项目名称", "得分", "得分"), ("2026P1-2", "甲公司", "甲的工程", 90, 10)):
        book.active.append(row)
    book.save(tmp_path / "清单.xlsx")
    selection = select_projects(tmp_path / "清单.xlsx", bundled_edition("2026"), score="得分")
    assert not selection.options and any("有几列都是“得分”（D2、E2）" in problem.expected for problem in selection.problems)


def test_a_budget_is_whole_fen(tmp_path, guide):
    with pytest.raises(ProblemsError, match="预算最多 6 位小数"):
        select_projects(listed(tmp_path, {}), guide, budget=100.0000001)


def test_an_allotment_of_a_place_nobody_is_from_is_told(tmp_path, guide):
    places = write(tmp_path / "名额.xlsx", [{"县区": "东台市", "名额": 1}, {"县区": "东泰市", "名额": 1}], ("县区", "名额"))
    found = select_projects(listed(tmp_path, {}, {}), guide, allotment=places).problems
    assert [(problem.found, problem.where.cell) for problem in found if "没有起作用" in problem.expected] == [("东泰市", "A3")]


def test_the_plan_written_into_the_folder_before_is_no_submission(tmp_path, guide):
    folder = tmp_path / "报送"
    folder.mkdir()
    listed(folder, {"得分": 1}, {"得分": 2})
    out = folder / "方案.xlsx"
    first = select_projects(folder, guide, score="得分", leave_out=[out])
    out.write_bytes(render_selection(first))
    again = select_projects(folder, guide, score="得分", leave_out=[out])
    assert len(again.candidates) == 2 and again.chosen == first.chosen


def test_a_project_with_neither_a_score_nor_its_count_is_left_out(tmp_path, guide):
    path = listed(tmp_path, {"得分": 80}, {"得分": None, "申报项目类别": "2099P2", "台数": None})
    assert [each.reason for each in select_projects(path, guide, score="得分").candidates] == ["", "没有能读的“得分”"]


def test_a_score_that_says_points_is_read(tmp_path, guide):
    selection = select_projects(listed(tmp_path, {"得分": "91.5分"}, {"得分": 80}), guide, score="得分")
    assert selection.total_score == 171_500_000


def test_a_score_column_that_heads_a_fact_of_some_programme_is_the_score_of_all(tmp_path):
    heads = ("申报项目类别", "单位名称", "申报项目名称", "得分", "项目推荐单位")
    rows = [(name, f"{unit}公司", f"{unit}的工程", points, "江苏") for name, unit, points in (("2024Q4P3", "甲", 70), ("2024Q4P8", "乙", 90))]
    path = write(tmp_path / "清单.xlsx", [dict(zip(heads, row)) for row in rows], heads)
    assert [each.score for each in select_projects(path, bundled_edition("2024Q4"), score="得分").candidates] == [70_000_000, 90_000_000]


def test_a_national_centre_takes_no_place_of_the_provincial_ones(tmp_path):
    heads = ("申报项目类别", "单位名称", "申报项目名称", "得分")
    names = ["2022P5-1-2"] * 3 + ["2022P5-1-1"] * 4
    path = write(tmp_path / "清单.xlsx", [dict(zip(heads, (name, f"{unit}公司", f"{unit}的工程", 1))) for name, unit in zip(names, "甲乙丙丁戊己庚")],
                 heads)
    selection = select_projects(path, bundled_edition("2022"), score="得分")
    assert len(selection.chosen) == 6 and [bound.text for bound in selection.bounds] == [
        "2022P5-1 省级制造业创新中心创新能力建设项目（含国家中心配套）不超过3个"]


def test_a_project_without_an_amount_is_left_out_of_a_budget_with_the_reason(tmp_path, guide):
    path = listed(tmp_path, {"得分": 80}, {"得分": 99, "项目申请补助资金": None, "投入": None})
    assert [each.reason for each in select_projects(path, guide, score="得分", budget=100).candidates] == [
        "", "金额不知道：没有填“项目申请补助资金”，补助也算不出"]
    assert len(select_projects(path, guide, score="得分").options) == 2


def test_limits_that_exclude_each_other_are_named_and_no_others(tmp_path, guide):
    path = listed(tmp_path, *[{"得分": 1}] * 4)
    most = guide.programmes["2099P1"].quota[0].maximum
    with pytest.raises(ProblemsError) as caught:
        select_projects(path, guide, budget=1000, include=[str(number) for number in range(1, most + 2)])
    found = [problem.found for problem in caught.value.problems]
    assert found[0] == f"2099P1 项目1不超过{most}个" and len(found) == most + 2
    assert all(text.startswith("必选 ") for text in found[1:])


def test_a_name_that_is_unknown_is_refused_with_the_nearest(tmp_path, guide):
    with pytest.raises(ProblemsError, match="“甲的工成”：清单里没有这个项目；最接近的：甲的工程"):
        select_projects(listed(tmp_path, {}), guide, exclude=["甲的工成"])


def test_an_excluded_project_is_listed_as_such(tmp_path, guide):
    selection = select_projects(listed(tmp_path, {}, {}), guide, exclude=["甲的工程"])
    assert [each.reason for each in selection.candidates] == ["按要求排除", ""]


def test_the_lines_name_the_limit_that_binds_and_projects_that_are_as_good(tmp_path, guide):
    path = listed(tmp_path, *[{"得分": 50}] * 4)
    lines = "\n".join(selection_lines(select_projects(path, guide, score="得分", budget=10)))
    assert "选定 1 个（其中待核实 1 个），“得分”合计 50，金额合计 10 万元" in lines
    assert "换了也不少的项目 4 个（序号）：1、2、3、4" in lines and "预算不超过10万元" in lines


def test_the_command_writes_the_workbook_beside_the_list_and_fails_on_problems(tmp_path):
    heads = ("申报项目类别", "单位名称", "申报项目名称", "得分")
    rows = (("2026P1-2", "甲公司", "甲的工程", None), ("2026P1-2", "乙公司", "乙的工程", 90))
    path = write(tmp_path / "清单.xlsx", [dict(zip(heads, row)) for row in rows], heads)
    done = CliRunner().invoke(main, ["select", str(path), "--edition", "2026", "--score", "得分"])
    assert done.exit_code == 1 and "选定 1 个" in done.output and (tmp_path / "清单-遴选.xlsx").is_file()


def test_a_plan_is_not_written_over_the_list_and_not_read_as_one(tmp_path):
    heads = ("申报项目类别", "单位名称", "申报项目名称", "项目申请补助资金")
    folder = tmp_path / "报送"
    folder.mkdir()
    path = write(folder / "清单.xlsx", [dict(zip(heads, ("2026P1-2", "甲公司", "甲的工程", 90)))], heads)
    before = path.read_bytes()
    refused = CliRunner().invoke(main, ["select", str(path), "--edition", "2026", "-o", str(path)])
    assert refused.exit_code == 2 and "就是要读的文件" in refused.output and path.read_bytes() == before
    for _ in range(2):
        done = CliRunner().invoke(main, ["select", str(folder), "--edition", "2026", "-o", str(folder / "方案.xlsx")])
        assert "清单 1 个项目" in done.output


def test_a_list_nobody_of_can_be_chosen_fails_and_says_where_the_reasons_are(tmp_path):
    heads = ("申报项目类别", "单位名称", "申报项目名称")
    path = write(tmp_path / "清单.xlsx", [dict(zip(heads, ("2026P1-2", "甲公司", "甲的工程")))], heads)
    done = CliRunner().invoke(main, ["select", str(path), "--edition", "2026"])
    assert done.exit_code == 1 and "没有一个项目能选：为什么见方案里的“未入选”和“问题”" in done.output
    book = openpyxl.load_workbook(tmp_path / "清单-遴选.xlsx")
    assert book["入选"]["A2"].value == "一个也没有选上。" and "金额不知道" in book["未入选"]["J2"].value


def test_an_exchange_of_many_projects_names_some_and_says_how_many_there_are(tmp_path, guide):
    rows = [{"项目申请补助资金": 10, "得分": 10}, *[{"项目申请补助资金": 1, "得分": 1}] * 8]
    names = [{"申报项目类别": "2099P9", "单位名称": f"第{number}公司", "申报项目名称": f"第{number}号工程"} for number in range(9)]
    path = write(tmp_path / "清单.xlsx", [{**PLAIN, **name, **row} for name, row in zip(names, rows)])
    programme = replace(guide.programmes["2099P1"], id="2099P9", quota=())
    plain = replace(guide, programmes={programme.id: programme}, limits=())
    book = openpyxl.load_workbook(BytesIO(render_selection(select_projects(path, plain, score="得分", budget=10))))
    assert book["入选"]["A2"].value == 1 and book["入选"]["K2"].value == 2
    assert book["入选"]["L2"].value == "换入 2、3、4、5、6 等8个；换出 1"


def test_a_budget_that_is_no_number_is_refused_in_chinese(tmp_path):
    refused = CliRunner().invoke(main, ["select", str(tmp_path / "清单.xlsx"), "--edition", "2026", "--budget", "九千"])
    assert refused.exit_code == 2 and "'--budget' 的值不对：“九千”应是一个数（万元），如 9000" in refused.output


def test_the_solver_s_own_lines_are_not_among_what_the_command_says(tmp_path):
    """HiGHS writes them past Python; C holds them back until the program ends, unless it is told not to."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    sample = bundled("workbooks") / "samples" / "盐城市2026年项目清单.xlsx"
    command = [sys.executable, "-c", "from xltool.cli import main; main()", "select", str(sample), "--edition", "2026", "--budget", "9000",
               "-o", str(tmp_path / "选.xlsx")]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("2026版：") and "Highs" not in done.stdout
