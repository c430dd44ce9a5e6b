"""What a batch writes per project beside the form: the edition's letters and the bureau's own Word and Excel templates."""
from __future__ import annotations

from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from test_output_batch import GOOD, MODEL, files, write_list

from xltool.cli import main
from xltool.guideline.bundle import bundled, edition
from xltool.output.batch.run import BOOK, Order, run_batch
from xltool.output.template import TemplateError
from xltool.rules.library import UnknownName
from xltool.rules.problems import ProblemsError

SAMPLE = bundled("workbooks") / "samples" / "盐城市2023年项目清单.xlsx"
LETTERS = ("信用承诺书", "真实性核查表", "任务书")


def word(path: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(path)
    return path


def sheet(path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def text(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(path).paragraphs)


def paper(out: Path, name: str, number: int) -> Path:
    (found,) = (path for path in (out / name).rglob(f"{number:03d} *"))
    return found


@pytest.fixture(scope="module")
def all_letters(tmp_path_factory):
    return run_batch(SAMPLE, edition("2023"), tmp_path_factory.mktemp("letters"), Order("盐城市", letters=("全部",)))


def test_every_project_has_every_letter(all_letters):
    count = len(all_letters.report.checked)
    assert count > 50 and all_letters.papers == {"绩效目标申报表": 0, **dict.fromkeys(LETTERS, count)}
    written = {name.split("/")[0] for name in files(all_letters.out) if name.endswith(".docx")}
    assert written == {*LETTERS}
    for name in LETTERS:
        assert len(list((all_letters.out / name).rglob("*.docx"))) == count


def test_a_letter_is_about_its_project(all_letters):
    for number in (1, 30):
        project = all_letters.report.checked[number - 1].project
        assert project.unit_name in text_of_everything(paper(all_letters.out, "任务书", number))


def text_of_everything(path: Path) -> str:
    return "".join(node.text or "" for node in docx.Document(path).element.body.iter() if node.tag.endswith("}t"))


def test_what_a_letter_lacks_is_in_the_report(all_letters):
    lacking = [problem for item in all_letters.report.checked for problem in item.problems if "附件3信用承诺书的" in problem.expected]
    assert lacking and all(problem.code == "cell.missing" for problem in lacking)


@pytest.mark.parametrize(("asked", "written"), [("附件3", {"信用承诺书"}), ("任务书,附件4", {"任务书", "真实性核查表"})])
def test_letters_are_asked_for_by_number_or_name(tmp_path, asked, written):
    done = CliRunner().invoke(main, ["batch", str(SAMPLE), "--edition", "2023", "--out", str(tmp_path), "--letters", asked])
    assert done.exit_code == 0, done.output
    assert {name.split("/")[0] for name in files(tmp_path) if name.endswith(".docx")} == written


def test_a_letter_nobody_printed_is_refused_with_those_there_are(tmp_path, edition_2026):
    assert run_batch(SAMPLE, edition("2023"), tmp_path / "全角", Order(letters=("附件３",))).papers["信用承诺书"]
    with pytest.raises(UnknownName, match="附件5 任务书"):
        run_batch(SAMPLE, edition("2023"), tmp_path / "a", Order(letters=("承诺函",)))
    with pytest.raises(ProblemsError, match="2026版没有印发"):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "b", Order(letters=("任务书",)))
    assert not files(tmp_path / "a") and not files(tmp_path / "b")


def test_a_word_template_of_ones_own_is_filled_for_every_project(tmp_path, edition_2026):
    template = word(tmp_path / "公示函.docx", "{{ 单位名称 }}：{{ 申报项目名称 }}，{{ 县市区 }}，申请{{ 项目申请补助资金|大写 }}。",
                    "{{ 结论 }}，{{ 项目开始时间 }}{% if 建有研发机构 == '是' %}，有研发机构{% endif %}")
    made = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果", Order(templates=(template,)))
    assert text(paper(made.out, "公示函", 1)) == "示例一公司：研发能力提升，东台市，申请壹佰伍拾万元整。\n符合，2025年2月1日，有研发机构"
    assert text(paper(made.out, "公示函", 2)) == '示例二公司：=HYPERLINK("http://x")，建湖县，申请壹仟万元整。\n待核实，2026年2月1日'


def test_an_excel_template_of_ones_own_is_filled_for_every_project_and_text_stays_text(tmp_path, edition_2026):
    template = sheet(tmp_path / "登记卡.xlsx", ["单位", "{{ 单位名称 }}"], ["项目", "{{ 申报项目名称 }}"], ["申请", "{{ 项目申请补助资金 }}"])
    made = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果", Order(forms=BOOK, templates=(template,)))
    second = load_workbook(paper(made.out, "登记卡", 2)).active
    assert (second["B2"].value, second["B2"].data_type, second["B3"].value) == ('=HYPERLINK("http://x")', "s", 1000)


def test_a_template_that_asks_for_all_projects_is_filled_once(tmp_path, edition_2026):
    template = sheet(tmp_path / "一览.xlsx", ["{%tr for p in 项目清单 %}"],
                     ["{{ p.序号 }}", "{{ p.单位名称 }}", "{{ p.补助上限 }}"], ["{%tr endfor %}"])
    made = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果", Order(templates=(template,)))
    rows = list(load_workbook(made.out / "一览.xlsx").active.iter_rows(values_only=True))
    assert rows == [(1, "示例一公司", 150), (2, "示例二公司", None)]


def test_columns_of_the_list_that_nobody_knows_can_be_printed(tmp_path, edition_2026):
    path = write_list(tmp_path / "清单.xlsx", GOOD, MODEL)
    book = load_workbook(path)
    last = book.active.max_column + 1
    book.active.cell(1, last, "专家意见（盖章）")
    book.active.cell(2, last, "同意<支持>")
    book.save(path)
    template = word(tmp_path / "意见.docx", "意见：{{ 专家意见盖章 }}。")
    made = run_batch(path, edition_2026, tmp_path / "结果", Order(templates=(template,)))
    assert [text(paper(made.out, "意见", number)) for number in (1, 2)] == ["意见：同意<支持>。", "意见：。"]


def test_a_name_the_data_do_not_have_is_refused_with_its_place_and_nothing_is_written(tmp_path, edition_2026):
    template = word(tmp_path / "函.docx", "好", "{{ 单位名 }}")
    with pytest.raises(TemplateError, match="单位名") as refused:
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "结果", Order(templates=(template,)))
    (problem,) = refused.value.problems
    assert problem.where.file == "函.docx" and "2" in problem.where.cell and "单位名称" in problem.fix
    assert not files(tmp_path / "结果")


@pytest.mark.parametrize("name", ["汇总表.xlsx", "绩效目标申报表.docx", "核查报告.xlsx", "资料包.docx"])
def test_a_template_named_like_a_folder_of_the_run_is_refused(tmp_path, edition_2026, name):
    template = word(tmp_path / name, "{{ 单位名称 }}") if name.endswith("docx") else sheet(tmp_path / name, ["{{ 单位名称 }}"])
    with pytest.raises(ProblemsError, match="换一个文件名"):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "结果", Order(templates=(template,)))


def test_two_templates_of_one_name_for_windows_are_refused(tmp_path, edition_2026):
    (tmp_path / "另外").mkdir()
    templates = (word(tmp_path / "Letter.docx", "一"), word(tmp_path / "另外" / "letter.docx", "二"))
    with pytest.raises(ProblemsError, match="换一个文件名"):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "结果", Order(templates=templates))


def test_a_file_that_is_no_template_is_refused(tmp_path, edition_2026):
    (tmp_path / "旧.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(ProblemsError, match="docx"):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "结果", Order(templates=(tmp_path / "旧.doc",)))
