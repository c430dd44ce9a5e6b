"""A template of the bureau's own looked at before it is used: names that are missing, and what would fail when it is filled."""
from __future__ import annotations

from word_pages import page

from xltool.guideline.bundle import bundled, edition
from xltool.output.papers.own_template import check_template


def checked(tmp_path, *paragraphs: str) -> tuple[bool, str]:
    (tmp_path / "通知.docx").write_bytes(page(*paragraphs))
    fine, lines = check_template(tmp_path / "通知.docx", edition("2026"))
    return fine, "\n".join(lines)


def test_a_template_whose_names_are_all_known_is_fine(tmp_path):
    fine, said = checked(tmp_path, "{{ 单位名称 }}：{{ 申报项目总投资|大写 }}，{{ 今天|年月日 }}")
    assert fine and "缺 0 个" in said and "试填" not in said


def test_a_missing_name_is_told_with_the_nearest(tmp_path):
    fine, said = checked(tmp_path, "{{ 单位名 }}")
    assert not fine and "第1段：没有 单位名，是不是“单位名称”" in said


def test_a_filter_on_a_value_it_is_not_meant_for_is_found_before_the_run(tmp_path):
    fine, said = checked(tmp_path, "{{ 单位名称 }}", "{{ 单位名称|大写 }}")
    assert not fine and "填不出来：通知.docx 第2段 “{{ 单位名称|大写 }}”：算不出来" in said and "不是金额" in said


def test_a_bundled_template_with_data_of_its_own_is_told_as_such():
    fine, lines = check_template(bundled("templates") / "summary-table.xlsx", edition("2026"))
    assert not fine and "由程序另给数据" in lines[-1]
