"""The workbook of what enterprises could apply for, from the bundled sample; and the same as JSON lines."""
from __future__ import annotations

import importlib
import json
import sys
from io import BytesIO

import openpyxl
import pytest

from xltool.guideline.bundle import bundled
from xltool.output.lines import match_lines
from xltool.output.matches import match_text, match_workbook, render_matches, summary

SAMPLES = bundled("workbooks") / "samples"


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(SAMPLES))
    try:
        return importlib.import_module("make_enterprises")
    finally:
        sys.path.remove(str(SAMPLES))


@pytest.fixture(scope="module")
def matches(script, edition_2026):
    return match_workbook(SAMPLES / script.FILE, edition_2026)


@pytest.fixture(scope="module")
def book(matches):
    return openpyxl.load_workbook(BytesIO(render_matches(matches)))


def rows(sheet, top: int = 1) -> list[dict[str, object]]:
    head, *body = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=top)]
    return [dict(zip(head, row)) for row in body]


def test_the_script_makes_the_committed_sample(script, tmp_path):
    def cells(path):
        return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows()]
    assert cells(script.build(tmp_path)) == cells(SAMPLES / script.FILE), "run: python workbooks/samples/make_enterprises.py"


def test_the_workbook_names_the_best_combination_of_each_enterprise(book):
    first, second, third = rows(book["企业"], 5)
    assert first["现在能报的最佳组合"].split("\n") == ["2026P4-2 先进制造业集群公共服务平台建设项目", "2026P3-3 国家卓越级智能工厂奖励项目"]
    assert (first["补助上限合计"], first["符合"]) == (300, 3)
    assert second["现在能报的最佳组合"] is None and second["待核实"] == 1
    assert third["补助上限合计"] == 1200


def test_the_workbook_tells_each_answer_with_what_is_wrong_missing_and_excluded(book):
    answers = {(row["单位名称"], row["项目编号"]): row for row in rows(book["项目"])}
    excluded = answers["盐城示例集群服务有限公司", "2026P4-1-2"]
    assert (excluded["结论"], excluded["补助上限"]) == ("符合", 100) and "一个单位只得一项" in excluded["不能同时报"]
    assert answers["盐城示例新材料有限公司", "2026P1-1"]["还缺的事实"] == "研发机构设立时间、购置用于研发机构建设"
    broken = answers["盐城示例重工股份有限公司", "2026P1-1"]
    assert (broken["结论"], broken["可补助"]) == ("不符合", 0) and "晚90天" in broken["差在哪里"]
    assert len(answers) == 7


def test_the_limits_and_the_run_are_told(book):
    assert {(row["项目编号"], row["出处"]) for row in rows(book["限项"])} == {
        ("2026P4-1-1、2026P4-1-2", "附件4 一（一）"), ("2026P4-1-1、2026P4-1-2、2026P4-2", "附件4 二（一）5")}
    run = dict(row.values() for row in rows(book["运行信息"]))
    assert run["指南版本"].startswith("2026 ") and len(run["清单校验值（SHA-256）"]) == 64


def test_the_terminal_tells_one_enterprise_in_full(matches, edition_2026):
    text = "\n".join(match_text(*matches.found[0], edition_2026))
    assert "只能选：同一企业不超过1个" in text and "最佳组合：2026P4-2" in text and "补齐后" not in text
    text = "\n".join(match_text(*matches.found[1], edition_2026))
    assert "还缺：研发机构设立时间、购置用于研发机构建设" in text and "最佳组合：没有现在就符合的项目" in text and "补齐后可争取：2026P1-1" in text
    assert summary(matches) == "2026版：3 户，给出了有关事实的项目 7 项次：符合 5，待核实 1，不符合 1；问题 0 个。"


def test_a_problem_of_an_enterprise_is_listed_with_its_cell(tmp_path, edition_2026):
    source = openpyxl.Workbook()
    for row in (["单位名称", "研发设备及配套软件购置额（万元）"], ["=1+1", "约500"], ["甲公司", 1200]):
        source.active.append(row)
    source.active["A2"].data_type = "s"
    source.save(tmp_path / "e.xlsx")
    found = match_workbook(tmp_path / "e.xlsx", edition_2026)
    assert found.problem_count == 1
    made = openpyxl.load_workbook(BytesIO(render_matches(found)))
    (problem,) = rows(made["问题"])
    assert (problem["单元格"], problem["内容"]) == ("B2", "约500")
    assert made["企业"]["B6"].value == "=1+1" and made["企业"]["B6"].data_type == "s"  # a name is never a formula


# --- JSON lines -------------------------------------------------------------------------------------------------------

def lines(edition, *cases) -> list[dict]:
    return list(match_lines([json.dumps(case, ensure_ascii=False) for case in cases], edition))


def test_a_line_answers_with_programmes_limits_and_combinations(edition_2026):
    (answer,) = lines(edition_2026, {"id": "x", "facts": {"入选国家卓越级智能工厂": True, "2026P3-3:入选年度": 2025}})
    assert answer["programs"] == [{"program": "2026P3-3", "eligible": "符合", "ceiling": 100.0, "subsidy": 100.0, "first_payment": None,
                                   "failed": [], "missing": []}]
    assert answer["best"] == answer["potential"] == {"programs": ["2026P3-3"], "subsidy": 100.0}
    assert "2026P1-1" in answer["no_facts"] and "2026P3-3" not in answer["no_facts"] and answer["limits"] == []
    json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize(("case", "words"), [
    ({"id": 1, "facts": {"研发设备及配套软件购置": 1}}, "研发设备及配套软件购置额"),
    ({"id": 1, "facts": {"研发设备及配套软件购置额": "约500"}}, "应为一个数"),
    ({"id": 1, "facts": []}, "facts 应是一个对象"),
    ({"id": 1, "project": 3}, "project 应是项目的名称"),
])
def test_a_line_that_cannot_be_read_is_an_error_and_the_rest_goes_on(edition_2026, case, words):
    bad, good = lines(edition_2026, case, {"id": 2})
    assert words in bad["error"] and bad["id"] == 1
    assert good["programs"] == [] and good["best"] == {"programs": [], "subsidy": 0}
