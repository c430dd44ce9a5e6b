"""Submissions of many kinds read into one list, and what they say against each other."""
from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from xltool.intake.merging import merge, submission_files
from xltool.intake.registers import read_allotments, read_history
from xltool.rules.problems import ProblemsError

HEADINGS = ["县（市、区）", "申报项目类别", "申报项目名称", "单位名称", "统一社会信用代码", "设区市"]
CODE, OTHER = "91320981MA0000001Y", "91320981MA00000022"
TOWER = ["东台市", "2026P1-1", "风电塔筒研发中心", "甲公司", CODE, "盐城市"]


def write(path: Path, *rows: list[object], headings: list[str] = HEADINGS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows([headings, *rows])
        return path
    book = Workbook()
    for row in [["项目清单（虚构）"], headings, *rows]:
        book.active.append(row)
    book.save(path)
    return path


def merged(edition, *paths: Path, **more):
    return merge(submission_files(paths), edition, **more)


def said(found) -> list[tuple[str, str]]:
    return [(f"{problem.where.file}!{problem.where.cell}", problem.expected) for problem in found.problems]


def test_every_file_of_a_folder_is_read_or_says_why_not(tmp_path, edition_2026):
    write(tmp_path / "东台" / "清单.xlsx", TOWER, ["合计"])
    write(tmp_path / "建湖" / "清单.xlsx", ["建湖县", "2026P1-1", "模具研发中心", "乙公司", OTHER, "盐城市"])
    write(tmp_path / "射阳.csv", ["射阳县", "2026P1-1", "织造研发中心", "丙公司", "", "盐城市"])
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / ".隐藏.xlsx").write_bytes(b"x")
    found = merged(edition_2026, tmp_path)
    assert [(each.name, len(each.listed.projects)) for each in found.submissions] == [
        ("东台/清单.xlsx", 1), ("射阳.csv", 1), ("建湖/清单.xlsx", 1), ("扫描.pdf", 0)]
    assert {project.where.file for project in found.projects} == {"东台/清单.xlsx", "射阳.csv", "建湖/清单.xlsx"}
    assert [row.reason for row in found.skipped] == ["合计行"]
    (unread,) = found.submissions[-1].listed.problems
    assert unread.code == "file.kind" and unread.where.file == "扫描.pdf" and not found.submissions[-1].reader
    assert found.problems == []


def test_what_a_run_has_written_into_the_folder_is_left_out(tmp_path):
    write(tmp_path / "清单.xlsx", TOWER)
    write(tmp_path / "结果" / "汇总.xlsx", TOWER)
    assert [path.name for path in submission_files([tmp_path], leave_out=[tmp_path / "结果"])] == ["清单.xlsx"]


def test_the_same_project_twice_is_told_at_the_second_with_the_place_of_the_first(tmp_path, edition_2026):
    first = write(tmp_path / "一.xlsx", TOWER)
    second = write(tmp_path / "二.xlsx", [*TOWER[:2], "风电塔筒研发中心项目", "甲公司（新名）", CODE, "盐城市"])
    assert said(merged(edition_2026, first, second)) == [
        ("二.xlsx!第3行", "和一.xlsx Sheet!第3行是同一个单位的同一个项目"),
        ("二.xlsx!D3", "和“甲公司”的统一社会信用代码相同（一.xlsx Sheet!第3行）")]


@pytest.mark.parametrize(("unit", "code", "notes"), [
    ("甲公司", "", []), ("甲公司", "91320981MA0000001X", []), ("甲 公司", "9.13E+17", []), ("甲公司", f" {CODE.lower()}", []),
    ("甲公司", OTHER, [("二.xlsx!E3", f"同名的单位另填了{CODE}（一.xlsx Sheet!第3行）")]),
    ("甲公司（分部）", CODE, [("二.xlsx!D3", "和“甲公司”的统一社会信用代码相同（一.xlsx Sheet!第3行）")]),
])
def test_one_enterprise_is_one_code_or_one_name(tmp_path, edition_2026, unit, code, notes):
    first = write(tmp_path / "一.xlsx", TOWER)
    second = write(tmp_path / "二.xlsx", ["建湖县", "2026P1-1", "风电塔筒 研发中心", unit, code, "盐城市"])
    found = merged(edition_2026, first, second)
    assert said(found) == [("二.xlsx!第3行", "东台市也报了同一个项目（一.xlsx Sheet!第3行）"), *notes]
    assert [problem.is_note for problem in found.problems] == [False, *[True] * len(notes)]


def test_what_a_third_row_links_is_one_enterprise_and_each_pair_is_told_once(tmp_path, edition_2026):
    rows = [["东台市", "2026P1-1", f"项目{sign}", "乙公司", CODE, "盐城市"] for sign in "子丑寅"]
    found = merged(edition_2026, write(tmp_path / "一.xlsx", ["东台市", "2026P4-2", "平台", "甲公司", OTHER, "盐城市"],
                                       ["东台市", "2026P4-1-2", "服务机构", "乙公司", CODE, "盐城市"],
                                       ["东台市", "2026P1-1", "项目卯", "乙公司", OTHER, "盐城市"], *rows))
    assert [(where, text.partition("（")[0]) for where, text in said(found)] == [
        ("一.xlsx!第4行", "同一企业不超过1个，还报了2026P4-2"), ("一.xlsx!D5", "和“甲公司”的统一社会信用代码相同"),
        ("一.xlsx!E5", f"同名的单位另填了{CODE}")]


@pytest.mark.parametrize(("one", "other", "says"), [
    ("东台市", "东台", "是同一个单位的同一个项目"), ("江苏省东台市", "盐城市东台市", "是同一个单位的同一个项目"),
    ("大丰市", "大丰区", "是同一个单位的同一个项目"), ("东台", "大丰", "东台市也报了同一个项目"),
])
def test_a_county_written_in_two_ways_is_one(tmp_path, edition_2026, one, other, says):
    found = merged(edition_2026, write(tmp_path / "一.xlsx", [one, *TOWER[1:]]), write(tmp_path / "二.xlsx", [other, *TOWER[1:]]))
    assert len(found.problems) == 1 and says in found.problems[0].expected


def test_a_cell_left_empty_that_other_rows_of_the_sheet_fill_is_a_hint(tmp_path, edition_2026):
    found = merged(edition_2026, write(tmp_path / "一.xlsx", TOWER, ["", "2026P1-1", "模具研发中心", "乙公司", "", "盐城市"],
                                       ["东台市", "2026P1-1", "织造研发中心", "丙公司", 91320981703860000.0, "盐城市"]),
                   write(tmp_path / "二.xlsx", ["", "2026P1-1", "轴承研发中心", "丁公司", "", "盐城市"]))
    assert [(where, text[:6]) for where, text in said(found)] == [("一.xlsx!A4", "没有填“县（"), ("一.xlsx!E4", "没有填“统一")]
    assert {problem.code for problem in found.problems} == {"note.blank"}


def test_the_same_project_in_two_counties_is_told(tmp_path, edition_2026):
    found = merged(edition_2026, write(tmp_path / "一.xlsx", TOWER), write(tmp_path / "二.xlsx", ["建湖县", *TOWER[1:]]))
    assert said(found) == [("二.xlsx!第3行", "东台市也报了同一个项目（一.xlsx Sheet!第3行）")]


def test_near_names_are_suggested_unless_codes_or_numbers_tell_them_apart(tmp_path, edition_2026):
    def row(title, unit, code=""):
        return ["东台市", "2026P1-1", title, unit, code, "盐城市"]
    coded = write(tmp_path / "二.xlsx", row("精密模具设计制造中心", "江苏翎舜金属制品有限公司", CODE),
                  row("精密模具设计制造中心", "江苏翎瞬金属制品有限公司", OTHER))
    found = merged(edition_2026, coded, write(
        tmp_path / "一.xlsx",
        row("高精度风电塔筒研发中心建设", "盐城曜岳智能装备有限公司"), row("高精度风电塔筒研发中心建没", "盐城曜岳智能装备有限公司"),
        row("高精度风电齿轮箱一期", "盐城沐舟电子有限公司"), row("高精度风电齿轮箱二期", "盐城沐舟电子有限公司")))
    assert said(found) == [("一.xlsx!第4行", "和“盐城曜岳智能装备有限公司”的“高精度风电塔筒研发中心建设”很像（一.xlsx Sheet!第3行）")]
    assert found.problems[0].is_note


def test_programmes_that_exclude_each_other_are_told_with_the_clause(tmp_path, edition_2026):
    found = merged(edition_2026, write(tmp_path / "一.xlsx", [*TOWER[:1], "2026P4-2", "平台", "甲公司", CODE, "盐城市"],
                                       [*TOWER[:1], "2026P4-1-2", "服务机构", "甲公司", CODE, "盐城市"]))
    (problem,) = found.problems
    assert "同一企业不超过1个" in problem.expected and "附件4 二（一）5" in problem.expected and problem.where.cell == "第4行"


def test_a_project_funded_before_is_told_and_one_that_looks_like_it_suggested(tmp_path, edition_2026):
    history = write(tmp_path / "历年.xlsx", ["2023", "甲公司", "风电塔筒研发中心"], ["2022", "乙公司", "高端装备关键零部件智能制造车间改造"],
                    headings=["立项年度", "承担单位", "项目名称"])
    listed = write(tmp_path / "一.xlsx", TOWER, ["东台市", "2026P1-1", "高端装备关键零部件智能制造车间的改造", "乙公司", OTHER, "盐城市"])
    found = merged(edition_2026, listed, history=read_history(history, edition_2026))
    assert said(found) == [("一.xlsx!第3行", "以前立过项（2023，历年.xlsx Sheet!A3）"),
                           ("一.xlsx!第4行", "和以前立项的“高端装备关键零部件智能制造车间改造”很像（2022，历年.xlsx Sheet!A4）")]


def test_a_county_over_its_places_is_told(tmp_path, edition_2026):
    allotment = write(tmp_path / "名额.xlsx", ["盐城东台", "2026P1-1", 1], ["建湖县", "", 5], headings=["县区", "项目编号", "名额"])
    listed = write(tmp_path / "一.xlsx", TOWER, ["东台市", "2026P1-1", "齿轮箱研发中心", "乙公司", OTHER, "盐城市"])
    found = merged(edition_2026, listed, allotments=read_allotments(allotment, edition_2026))
    assert said(found) == [("一.xlsx!第4行", "盐城东台2026P1-1的名额是1个（名额.xlsx Sheet!A3），多报1个")]


@pytest.mark.parametrize(("row", "words"), [(["东台", "2026P1-1", "若干"], "名额应为整数"), (["东台", "2026P9-9", 1], "2026版没有这个项目")])
def test_an_allotment_that_cannot_be_used_is_refused_with_its_row(tmp_path, edition_2026, row, words):
    with pytest.raises(ProblemsError, match=words):
        read_allotments(write(tmp_path / "名额.xlsx", row, ["建湖", "2026P1-1", 2], headings=["县区", "项目编号", "名额"]), edition_2026)


def test_a_register_without_its_columns_is_refused(tmp_path, edition_2026):
    with pytest.raises(ProblemsError, match="没有找到有“申报项目名称”的表"):
        read_history(write(tmp_path / "历年.xlsx", ["a", "b"], headings=["甲", "乙"]), edition_2026)


def test_a_folder_without_files_is_refused_by_name(tmp_path):
    (tmp_path / "报送件").mkdir()
    (tmp_path / "报送件" / "~$东台市.xlsx").write_bytes(b"lock")
    with pytest.raises(ProblemsError, match="报送件”：没有要汇总的文件"):
        submission_files([tmp_path / "报送件"])


def test_a_source_that_is_also_the_target_is_refused_by_name(tmp_path):
    listed = write(tmp_path / "报送件" / "一.xlsx", TOWER)
    for source, target in ((listed, listed), (tmp_path / "报送件", tmp_path / "报送件")):
        with pytest.raises(ProblemsError, match=rf"{source.name}”：结果也要写在这里"):
            submission_files([source], leave_out=[target])


def test_locks_and_what_windows_keeps_in_a_folder_are_no_submissions(tmp_path):
    listed = write(tmp_path / "一.xlsx", TOWER)
    others = [tmp_path / name for name in ("~$一.xlsx", ".~lock.一.xlsx#", "Thumbs.db", "desktop.ini")]
    for path in others:
        path.write_bytes(b"x")
    assert submission_files([tmp_path]) == submission_files([listed, *others]) == [listed]


def test_a_file_named_twice_is_read_once_and_equal_names_get_as_many_folders_as_tell_them_apart(tmp_path, edition_2026):
    paths = [write(tmp_path / part / "汇总表.xlsx", [*TOWER[:2], part, *TOWER[3:]]) for part in ("甲/东台", "乙/东台", "乙/大丰")]
    found = merged(edition_2026, *paths, tmp_path / "甲" / ".." / "甲" / "东台" / "汇总表.xlsx")
    assert [each.name for each in found.submissions] == ["甲/东台/汇总表.xlsx", "乙/东台/汇总表.xlsx", "大丰/汇总表.xlsx"]


def test_when_nothing_can_be_read_there_is_nothing_to_merge(tmp_path, edition_2026):
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(ProblemsError, match=r"(?s)扫描\.pdf.*没有\.xlsx"):
        merged(edition_2026, tmp_path / "扫描.pdf", tmp_path / "没有.xlsx")


def test_names_that_look_alike_are_found_among_thousands_in_linear_time(tmp_path, edition_2026):
    rows = [["东台市", "2026P1-1", "研发中心建设", f"盐城第{number:04d}号机械有限公司", "", "盐城市"] for number in range(3000)]
    found = merged(edition_2026, write(tmp_path / "一.xlsx", *rows, ["东台市", "2026P1-1", "研发中心建设", "盐城第一纺织印染有限公司", "", "盐城市"],
                                       ["东台市", "2026P1-1", "研发中心建设", "盐城第一纺织印染有限责任公司", "", "盐城市"]))
    assert [where for where, _ in said(found)] == ["一.xlsx!第3004行"]
