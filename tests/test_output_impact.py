"""A list under two editions: verdicts and amounts side by side, what makes the difference, and sums of what is known only."""
from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from xltool.cli import main
from xltool.guideline.bundle import bundled, edition
from xltool.guideline.diff import EditionDiff, compare
from xltool.intake.lists import read_projects
from xltool.output.comparison import impact_lines, impact_summary, render_comparison
from xltool.output.impact import Effect, Impact, assess_impact
from xltool.rules.problems import ProblemsError

COLUMNS = ["申报项目类别", "申报项目名称", "单位名称"]
RESEARCH = ["研发设备及配套软件购置额", "工信领域企业", "建有研发机构", "项目开始时间", "项目结束时间"]
GOOD = [3500, "是", "是", dt.date(2022, 3, 1), dt.date(2023, 6, 30)]  # all that 2024P1-1-1 asks for


def write_list(folder: Path, facts: list[str], *rows: list[object]) -> Path:
    book = Workbook()
    book.active.append([*COLUMNS, *facts])
    for row in rows:
        book.active.append(row)
    book.save(folder / "清单.xlsx")
    return folder / "清单.xlsx"


def impact(folder: Path, diff: EditionDiff, facts: list[str], *rows: list[object]) -> Impact:
    return assess_impact(write_list(folder, facts, *rows), diff)


@pytest.fixture(scope="module")
def newer() -> EditionDiff:
    return compare(edition("2024"), edition("2026"))


@pytest.fixture(scope="module")
def split() -> EditionDiff:
    return compare(edition("2023"), edition("2024"))


def answers(effect: Effect) -> list[tuple[object, ...]]:
    return [(side.programme.id, side.verdict, side.ceiling, side.subsidy) for side in (effect.old, effect.new) if side]


def test_a_project_is_assessed_under_both_editions(tmp_path, newer):
    (effect,) = impact(tmp_path, newer, RESEARCH, ["2024P1-1-1", "研发中心", "甲公司", *GOOD]).effects
    assert answers(effect) == [("2024P1-1-1", "符合", 350.0, 350.0), ("2026P1-1", "不符合", 200.0, 0.0)]
    assert effect.changed and effect.difference == -350.0
    assert [outcome.condition.number for outcome in effect.newly_broken] == ["2b", "2d"]
    assert "晚" not in effect.newly_broken[0].shortfall and "早1037天" in effect.newly_broken[0].shortfall
    assert effect.newly_met == [] and effect.needed == ["研发机构设立时间", "购置用于研发机构建设"]


def test_a_list_of_the_new_edition_is_assessed_under_the_old_one(tmp_path, newer):
    row = ["企业研发机构创新能力提升", "研发中心", "甲公司", 1500, "是", "是", dt.date(2025, 2, 1), dt.date(2025, 11, 30), dt.date(2020, 1, 1), "是"]
    found = impact(tmp_path, newer, [*RESEARCH, "研发机构设立时间", "购置用于研发机构建设"], ["2026P3-5", "大模型", "乙公司"], row)
    assert found.made_for.id == "2026" and not found.both_know
    effect = found.effects[1]
    assert answers(effect) == [("2024P1-1-1", "不符合", 150.0, 0.0), ("2026P1-1", "符合", 150.0, 150.0)]
    assert [outcome.condition.number for outcome in effect.newly_met] == ["2b", "2d", "2e"] and not effect.newly_broken
    assert effect.difference == 150.0 and effect.needed == []


def test_the_same_cell_is_read_by_the_other_editions_own_heading(tmp_path):
    facts = ["项目总投入", "完工时间", "软件、系统集成、公私有云等投入"]  # 2022: 项目结束时间, 软件及集成投入; 2023: 项目完工时间, …
    row = ["2022P1-2-1", "智能工厂", "甲公司", 4000, dt.date(2022, 3, 1), 350]
    (effect,) = impact(tmp_path, compare(edition("2022"), edition("2023")), facts, row).effects
    assert effect.old.facts["项目结束时间"] == effect.new.facts["项目完工时间"] == 44621.0
    assert effect.newly_broken == [] and [outcome.condition.number for outcome in effect.newly_met] == ["3b", "4b"]
    assert {"项目完工时间", "软件系统集成公私有云投入"}.isdisjoint(effect.needed)


def test_a_category_may_stand_for_several_programmes(tmp_path):
    old = edition("2024")
    path = write_list(tmp_path, RESEARCH, ["甲", "研发中心", "甲公司", *GOOD], ["乙", "无", "乙公司"])
    wanted = {"甲": [old.programmes["2024P1-1-1"], old.programmes["2024P3-1"]]}
    found = read_projects(path, old, find=lambda category: wanted.get(category, ()))
    assert [project.programme.id for project in found.projects] == ["2024P1-1-1", "2024P3-1"]
    assert len({project.where for project in found.projects}) == 1
    assert "乙" in [problem.found for problem in found.problems]


def test_a_programme_without_counterpart_is_said_to_have_none(tmp_path, newer):
    found = impact(tmp_path, newer, ["项目总投入"], ["2024P3-2", "绿色工厂", "甲公司", 3000], ["2024P3-2", "节能", "乙公司", 3000])
    assert [(effect.alone, effect.changed, effect.difference) for effect in found.effects] == [(True, False, None)] * 2
    assert found.totals.counted == 0 and found.totals.left_out == (("另一版没有对应项目的", 2),)
    assert "  2024P3-2 绿色制造项目　2 个：甲公司、乙公司" in impact_lines(found)
    assert "没有两版都算得出金额的项目，不合计。" in impact_summary(found)


def test_every_programme_a_split_one_became_is_shown_but_not_added_up(tmp_path, split):
    found = impact(tmp_path, split, ["项目总投入"], ["2023P1-3-2", "平台", "甲公司", 2000])
    assert [(effect.new.programme.id, effect.alternatives) for effect in found.effects] == [("2024P2-4-3-2", 2), ("2024P2-4-3-3", 2)]
    assert found.totals.counted == 0 and found.totals.left_out == (("另一版有几个对应项目的", 1),)
    assert "  注意：另一版有2个对应项目，逐个列出" in impact_lines(found)


def test_a_group_counts_through_its_members(tmp_path, split):
    found = impact(tmp_path, split, ["项目总投入"], ["2024P4-1", "平台", "甲公司", 2000])
    assert found.made_for.id == "2024"
    assert [effect.old.programme.id for effect in found.effects] == ["2023P5-3-1", "2023P5-3-2", "2023P5-3-3", "2023P5-3-4"]


def test_sums_hold_known_amounts_only(tmp_path, newer):
    rows = [["2024P1-1-1", f"项目{number}", "甲公司", *GOOD] for number in range(2)]
    rows += [["2024P1-1-1", "缺购置额", "甲公司", None, "是", "是", dt.date(2022, 3, 1), None]]
    rows += [["2024P1-3-1-1", "首台套", "乙公司"], ["2024P4-3", "集群", "丙公司"]]
    totals = impact(tmp_path, newer, RESEARCH, *rows).totals
    assert (totals.counted, totals.old, totals.new) == (2, 700.0, 0.0)
    assert totals.left_out == (("另一版没有对应项目的", 1), ("金额算不出的", 2))
    assert sum(count for _, count in totals.left_out) + totals.counted == len(rows)


def test_what_the_other_edition_cannot_read_is_said(tmp_path, newer):
    found = impact(tmp_path, newer, ["行业", "项目总投入"], ["2024P3-1", "印染改造", "甲公司", "轻工", 3000])
    (effect,) = found.effects
    assert effect.unread == ("行业",) and "行业" in effect.needed
    assert "  注意：另一版读不出：行业" in impact_lines(found)


def test_a_list_both_editions_know_is_read_by_the_old_one_and_says_so(tmp_path, newer):
    found = impact(tmp_path, newer, RESEARCH, ["企业研发机构创新能力提升项目", "研发中心", "甲公司", *GOOD])
    assert found.made_for.id == "2024" and found.both_know
    assert "两版都认得清单里的项目类别，按旧版读" in impact_summary(found)[0]


def test_a_list_neither_edition_knows_is_refused(tmp_path, newer):
    with pytest.raises(ProblemsError, match="2024版和2026版都不认识清单里的项目类别") as refused:
        impact(tmp_path, newer, RESEARCH, ["2022P1-1", "贴息", "甲公司"], ["2022P2", "攻关", "乙公司"])
    assert len(refused.value.problems) == 1


# The workbook


def sheet(data: bytes, name: str) -> list[list[object]]:
    return [list(row) for row in load_workbook(BytesIO(data))[name].iter_rows(values_only=True)]


def test_the_workbook_has_a_row_per_programme_change_and_project(tmp_path, newer):
    found = impact(tmp_path, newer, RESEARCH, ["2024P1-1-1", "研发中心", "甲公司", *GOOD], ["2024P3-2", "绿色工厂", "乙公司"])
    data = render_comparison(newer, found)
    programmes = sheet(data, "总览")
    assert programmes[0][0] == "两版指南对照　2024 → 2026" and programmes[3][:2] == ["状态", "旧编号"]
    assert len(programmes) == 4 + len(newer.pairs) + len(newer.came) + len(newer.went)
    title = "企业研发机构创新能力提升项目"
    assert programmes[4][:11] == ["改号", "2024P1-1-1", title, "2026P1-1", title, 0.1, 0.1, 400, 200, 20, 20]
    changes = sheet(data, "变化")
    assert len(changes) == 1 + sum(len(each.changes) for each in newer.pairs) + len(newer.came) + len(newer.went) + len(newer.limits)
    assert ["2024P1-1-1", "2026P1-1", title, "门槛", "研发设备及配套软件购置额≥", "3000万元", "1000万元", "低2000万元",
            "附件1-1 一（一）1（2）", "附件1 一（一）2"] in changes
    effects = sheet(data, "项目影响")
    assert effects[0][0].startswith("清单 清单.xlsx 是2024版的") and effects[1][:4] == ["单位名称", "申报项目名称", "变化", "旧编号"]
    assert effects[2][:12] == ["甲公司", "研发中心", "变", "2024P1-1-1", "符合", 350, 350, "2026P1-1", "不符合", 200, 0, -350]
    assert effects[2][16] == "Sheet!第2行" and effects[3][2] == "没有对应" and effects[3][7:12] == [None] * 5


def test_the_workbook_without_a_list_says_how_to_get_the_projects(newer):
    effects = sheet(render_comparison(newer), "项目影响")
    assert "--list" in effects[0][0] and len(effects) == 2


def test_the_workbook_is_made_for_reading_and_printing(newer):
    book = load_workbook(BytesIO(render_comparison(newer)))
    assert book.sheetnames == ["总览", "变化", "项目影响"]
    for page, header in zip(book, (4, 1, 2)):
        assert page.freeze_panes[1:] == str(header + 1) and page.auto_filter.ref.startswith(f"A{header}:")
        assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9 and page.page_setup.fitToHeight == 0
        assert page.print_title_rows == f"${header}:${header}"
    assert book["变化"].auto_filter.ref == f"A1:J{book['变化'].max_row}"


# The command


def run(*arguments: str):
    return CliRunner().invoke(main, ["guideline", "diff", *arguments], catch_exceptions=False)


def test_the_command_prints_the_impact_and_writes_the_workbook(tmp_path):
    path = write_list(tmp_path, RESEARCH, ["2024P1-1-1", "研发中心", "甲公司", *GOOD])
    result = run("2024", "2026", "--list", str(path), "-o", str(tmp_path / "对照.xlsx"))
    assert result.exit_code == 0
    assert "合计（两版都算得出的 1 个）：旧版可补助 350万元，新版 0万元，少350万元。" in result.stdout
    assert "  2024P1-1-1 符合，350万元 → 2026P1-1 不符合，0万元，少350万元" in result.stdout
    assert "  另一版还要：研发机构设立时间、购置用于研发机构建设" in result.stdout
    assert load_workbook(tmp_path / "对照.xlsx")["项目影响"]["A3"].value == "甲公司"


def test_the_command_reports_a_list_with_problems_by_its_exit_code(tmp_path):
    path = write_list(tmp_path, RESEARCH, ["2024P1-1-1", "研发中心", "甲公司", "约3500万", *GOOD[1:]], ["不知道", "研发中心", "乙公司"])
    result = run("2024", "2026", "--list", str(path))
    assert result.exit_code == 1 and f"清单里有 2 个问题，逐个看：xltool assess {path.name} --edition 2024" in result.stdout


@pytest.mark.parametrize("year", ["2023", "2026"])
def test_the_sample_lists_can_be_put_under_the_neighbouring_edition(year):
    old, new = ("2024", "2026") if year == "2026" else ("2023", "2024")
    found = assess_impact(bundled("workbooks") / "samples" / f"盐城市{year}年项目清单.xlsx", compare(edition(old), edition(new)))
    assert found.made_for.id == year and found.totals.counted >= 10
    assert sum(count for _, count in found.totals.left_out) + found.totals.counted == len(found.listed.projects)
