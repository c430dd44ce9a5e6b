"""The commands as a user runs them: what they print, what they write, how they exit."""
from __future__ import annotations

import errno
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

import xltool
from xltool.cli import main
from xltool.guideline.bundle import edition_ids


def run(*arguments: str, stdin: str = ""):
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)


def answers(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_version_is_printed():
    assert run("--version").stdout == f"xltool {xltool.__version__}\n"


def test_start_up_imports_nothing_heavy():
    code = ("import sys\nfrom xltool.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass\n"
            "print([name for name in ('numpy', 'openpyxl', 'jinja2', 'python_calamine', 'xlsxwriter', 'rich') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "[]"


def test_guideline_check_runs_every_case_of_every_bundled_edition():
    result = run("guideline", "check")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(edition_ids()) and all("没有问题" in line and "个用例" in line for line in lines)


def test_guideline_check_names_the_cell_and_exits_with_1(tmp_path):
    from xltool.guideline.bundle import bundled
    book = load_workbook(bundled("workbooks") / "guideline-2026.xlsx")
    book["条件"]["E2"] = "1000左右"
    book.save(tmp_path / "改.xlsx")
    result = run("guideline", "check", str(tmp_path / "改.xlsx"))
    assert result.exit_code == 1 and "改.xlsx 条件!E2 “1000左右”" in result.stdout


def test_guideline_dump_is_text_that_shows_a_changed_cell(tmp_path):
    from xltool.guideline.bundle import bundled
    source = bundled("workbooks") / "guideline-2026.xlsx"
    book = load_workbook(source)
    book["条件"]["C2"] = "换了说法"
    book.save(tmp_path / "改.xlsx")
    old, new = run("guideline", "dump", str(source)).stdout, run("guideline", "dump", str(tmp_path / "改.xlsx")).stdout
    changed = [line for line, other in zip(new.splitlines(), old.splitlines()) if line != other]
    assert changed == ["内容: 换了说法"]


def test_guideline_tidy_lays_an_edited_workbook_out_again_and_keeps_its_content(tmp_path):
    from xltool.guideline.bundle import bundled
    source, path = bundled("workbooks") / "guideline-2026.xlsx", tmp_path / "改.xlsx"
    book = load_workbook(source)
    book["条件"].column_dimensions["C"].width = 3
    book["条件"].auto_filter.ref = None
    book.save(path)
    assert run("guideline", "tidy", str(path)).exit_code == 0
    sheet = load_workbook(path)["条件"]
    assert sheet.column_dimensions["C"].width > 30 and sheet.auto_filter.ref and len(sheet.data_validations.dataValidation) == 1
    assert run("guideline", "dump", str(path)).stdout == run("guideline", "dump", str(source)).stdout
    book["条件"]["E2"] = "1000左右"
    book.save(path)
    before = path.read_bytes()
    assert run("guideline", "tidy", str(path)).exit_code == 1 and path.read_bytes() == before


def test_programs_are_listed_and_found():
    assert "2026P1-1" in run("programs", "--edition", "2026").stdout
    found = run("programs", "--find", "标识解析").stdout
    assert "2023P1-3-1-1" in found and "2026P" not in found
    assert run("programs", "--find", "没有这个").exit_code == 1


@pytest.mark.parametrize("name", ["2026P1-1", "2026p1-1", "企业研发机构创新能力提升项目", "企业研发机构 创新能力提升"])
def test_show_takes_an_id_or_a_title(name):
    page = run("show", name).stdout
    assert page.startswith("2026P1-1  企业研发机构创新能力提升项目")
    for part in ("条件", "补助上限 = MIN(研发设备及配套软件购置额*10%,200)", "名额", "材料", "评审要点", "绩效表", "需要的事实"):
        assert part in page


def test_show_tells_the_application_window_and_who_runs_it():
    page = run("show", "2024Q4P5").stdout
    assert "主管部门：工业和信息化部门" in page and "申报时间：2024-10至2024-11-29" in page and "每个省（区、市）推荐不超过20个" in page


def test_show_of_an_unknown_name_suggests_the_nearest():
    result = run("show", "企业研发机构创新能力提高")
    assert result.exit_code == 1 and "2026P1-1 企业研发机构创新能力提升项目" in result.stderr


def test_assess_answers_line_by_line_and_goes_on_after_an_error():
    facts = {"研发设备及配套软件购置额": 1500, "建有研发机构": True, "项目开始时间": "2025-02-01"}
    lines = [{"id": "a1", "program": "2026P1-1", "facts": facts}, {"id": "a2", "program": "2099P1", "facts": {}},
             {"id": "a3", "program": "2026P1-1", "facts": {"没有的事实": 1}}, {"id": "a4", "program": "2026P1-1", "facts": {"项目开始时间": "春天"}},
             {"id": "a5", "program": "2026P1-1", "facts": {**facts, "研发设备及配套软件购置额": 900}}]
    result = run("assess", "-", stdin="\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n不是JSON\n\n")
    assert result.exit_code == 1
    first, *wrong, fifth, last = answers(result)
    assert {key: first[key] for key in ("id", "program", "eligible", "ceiling", "subsidy", "first_payment", "failed")} == {
        "id": "a1", "program": "2026P1-1", "eligible": "待核实", "ceiling": 150.0, "subsidy": 150.0, "first_payment": None, "failed": []}
    assert "工信领域企业" in first["missing"]
    assert [sorted(answer) for answer in (*wrong, last)] == [["error", "id"]] * 4
    assert fifth["eligible"] == "不符合" and fifth["subsidy"] == 0 and any("差100万元" in reason for reason in fifth["reasons"])


def test_assess_exits_with_0_when_every_line_has_an_answer():
    assert run("assess", "-", stdin='{"program": "2026P3-2"}').exit_code == 0


def test_numbers_that_json_does_not_have_are_refused():
    result = run("assess", "-", stdin='{"id": 1, "program": "2026P1-1", "facts": {"研发设备及配套软件购置额": NaN}}')
    assert result.exit_code == 1 and "NaN" in answers(result)[0]["error"]


def test_a_fact_written_twice_is_refused():
    result = run("assess", "-", stdin='{"id": 1, "program": "2026P1-1", "facts": {"建有研发机构": true, "建有研发机构": false}}')
    assert "建有研发机构" in answers(result)[0]["error"]


def test_a_workbook_in_gives_a_workbook_out(tmp_path):
    book = Workbook()
    book.active.append(["项目编号", "研发设备及配套软件购置额（万元）"])
    book.active.append(["2026P1-1", 900])
    book.save(tmp_path / "测算.xlsx")
    result = run("assess", str(tmp_path / "测算.xlsx"), "--edition", "2026")
    assert result.exit_code == 0 and "问题 0 个" in result.stdout
    answer = load_workbook(tmp_path / "测算-结果.xlsx")["项目结论"]
    assert [answer["G2"].value, answer["I2"].value, answer["J2"].value] == ["不符合", 90, 0]


def test_quota_answers_programmes_groups_and_parts():
    lines = ['{"id": 1, "program": "2023P1-3-1", "selected": [{"part": "二级节点", "n": 9}, {"part": "公共服务平台", "n": 1}]}',
             '{"id": 2, "program": "2023P2", "selected": [{"n": 56}]}', '{"id": 3, "program": "2026P1-7"}',
             '{"id": 4, "program": "2023P2", "selected": [{"part": "别的", "n": 1}]}', '{"id": 5, "program": "2023P2", "selected": [{"n": 1.5}]}']
    result = run("quota", "-", stdin="\n".join(lines))
    first, second, third, *wrong = answers(result)
    assert first == {"id": 1, "left": 2, "left_parts": {"二级节点": 1, "公共服务平台": 1}}
    assert second == {"id": 2, "left": 4, "left_parts": {"自然灾害防治和提升本质安全水平": 0, "生物医药和医疗器械": 4}}
    assert third == {"id": 3, "left": None, "left_parts": {}}
    assert result.exit_code == 1 and all("error" in answer for answer in wrong)


def test_batch_reports_a_missing_file_without_a_traceback(tmp_path):
    result = run("batch", str(tmp_path / "没有.xlsx"), "--edition", "2026", "--out", str(tmp_path / "结果"))
    assert result.exit_code == 1 and "没有.xlsx" in result.stderr and not (tmp_path / "结果").exists()


def test_an_unknown_edition_names_the_known_ones(tmp_path):
    result = run("batch", "清单.xlsx", "--edition", "2030", "--out", str(tmp_path))
    assert result.exit_code == 1 and "、".join(edition_ids()) in result.stderr


def test_a_guideline_workbook_of_ones_own_can_be_used(tmp_path):
    from xltool.guideline.bundle import bundled
    book = load_workbook(bundled("workbooks") / "guideline-2026.xlsx")
    for row in book["项目"].iter_rows():
        if row[0].value == "2026P1-1":
            row[9].value = "MIN(研发设备及配套软件购置额*20%,300)"
    book.save(tmp_path / "本市.xlsx")
    line = '{"program": "2026P1-1", "facts": {"研发设备及配套软件购置额": 1200}}'
    result = run("assess", "-", "--edition", str(tmp_path / "本市.xlsx"), stdin=line)
    assert answers(result)[0]["ceiling"] == 240


def test_match_of_a_workbook_writes_a_workbook_and_tells_a_single_enterprise(tmp_path):
    book = Workbook()
    for row in (["单位名称", "甲公司"], ["入选国家卓越级智能工厂", "是"], ["入选年度", 2025]):
        book.active.append(row)
    book.save(tmp_path / "企业.xlsx")
    result = run("match", str(tmp_path / "企业.xlsx"), "--edition", "2026")
    assert result.exit_code == 0 and "最佳组合：2026P3-3" in result.stdout
    assert (tmp_path / "企业-可申报.xlsx").exists()


def test_match_of_lines_exits_with_1_when_a_line_is_an_error_and_writes_the_calendar(tmp_path):
    stdin = '{"id": 1, "facts": {"有效期内创新型中小企业": true}}\n{"id": 2, "facts": {"没有": 1}}\n'
    result = run("match", "-", "--edition", "2024Q4", "--ics", str(tmp_path / "a.ics"), stdin=stdin)
    assert result.exit_code == 1 and [("error" in line) for line in answers(result)] == [False, True]
    assert "2024Q4P3@xltool" in (tmp_path / "a.ics").read_text() and "2024Q4P5@xltool" not in (tmp_path / "a.ics").read_text()


def test_calendar_lists_every_edition_and_writes_them_to_one_file(tmp_path):
    result = run("calendar", "--ics", str(tmp_path / "a.ics"))
    assert all(f"{name}  " in result.stdout for name in edition_ids())
    assert (tmp_path / "a.ics").read_bytes().count(b"BEGIN:VEVENT") == 20


def test_common_conditions_are_added_on_request_and_refused_before_their_time():
    assert "办法2a" in run("show", "2026P1-1", "--common").stdout and "办法2a" not in run("show", "2026P1-1").stdout
    asked = '{"program": "2026P3-2", "common": true, "facts": {"近三年被禁止申报专项资金": true}}\n{"program": "2022P2", "common": true}'
    first, second = answers(run("assess", "-", stdin=asked))
    assert first["failed"] == ["办法3"] and "2024-12-01至2028-12-31" in second["error"]
    result = run("show", "2022P2", "--common")
    assert result.exit_code == 1 and "没有要合用的共同条件" in result.output


def test_merge_writes_one_list_and_sends_the_faulty_files_back(tmp_path):
    from xltool.guideline.bundle import bundled
    folder = tmp_path / "报送件"
    folder.mkdir()
    (folder / "盐城.xlsx").write_bytes((bundled("workbooks") / "samples" / "盐城市2026年项目清单.xlsx").read_bytes())
    (folder / "扫描.pdf").write_bytes(b"%PDF-1.7")
    before = (folder / "盐城.xlsx").read_bytes()
    result = run("merge", str(folder), "--edition", "2026", "-o", str(folder / "汇总.xlsx"), "--returns", str(folder / "退回"), "--every-cell")
    assert result.exit_code == 1 and "没有读出的文件：扫描.pdf" in result.stdout and "读到 64 个项目" in result.stdout
    assert sorted(path.name for path in (folder / "退回").glob("[!.]*")) == ["扫描（退回）.xlsx", "盐城（退回）.xlsx"]
    assert (folder / "盐城.xlsx").read_bytes() == before
    again = run("merge", str(folder), "--edition", "2026", "-o", str(folder / "汇总.xlsx"), "--returns", str(folder / "退回"))
    assert again.stdout.splitlines()[0] == result.stdout.splitlines()[0], "what a run has written is not read by the next"
    made = run("batch", str(folder / "汇总.xlsx"), "--edition", "2026", "--out", str(tmp_path / "结果"), "--html")
    assert made.exit_code == 0 and "读到 64 个项目" in made.stdout and (tmp_path / "结果" / "核查报告.html").exists()


def test_batch_of_a_folder_merges_first(tmp_path):
    folder = tmp_path / "报送件"
    folder.mkdir()
    for county in ("东台市", "建湖县"):
        book = Workbook()
        for row in (["申报项目类别", "申报项目名称", "单位名称", "县（市、区）"], ["2026P3-2", f"{county}工厂", f"{county}公司", county]):
            book.active.append(row)
        book.save(folder / f"{county}.xlsx")
    result = run("batch", str(folder), "--edition", "2026", "--out", str(folder / "结果"))
    assert "读到 2 个项目" in result.stdout and json.loads((folder / "结果" / "manifest.json").read_text())["inputs"][0]["file"] == "东台市.xlsx"
    assert "读到 2 个项目" in run("batch", str(folder), "--edition", "2026", "--out", str(folder / "结果")).stdout


def counties(folder: Path, **money: object) -> Path:
    """A folder with a list per county; an amount that is a text is a fault."""
    folder.mkdir(exist_ok=True)
    for county, amount in money.items():
        book = Workbook()
        for row in (["申报项目类别", "申报项目名称", "单位名称", "县（市、区）", "项目申请补助资金"],
                    ["2026P3-2", f"{county}工厂", f"{county}公司", county, amount]):
            book.active.append(row)
        book.save(folder / f"{county}.xlsx")
    return folder


def test_a_county_without_faults_keeps_no_copy_of_an_earlier_run(tmp_path):
    sources, sent = counties(tmp_path / "报送件", 东台市="约500万", 建湖县="约300万", 射阳县="约200万"), tmp_path / "退回"
    command = ("merge", str(sources), "--edition", "2026", "-o", str(tmp_path / "汇总.xlsx"), "--returns", str(sent))
    assert "退回 3 个文件" in run(*command).stdout
    (sent / "射阳县（退回）.xlsx").write_bytes(b"changed by hand")
    (sent / "我的（退回）.xlsx").write_bytes(b"of somebody")
    (sent / "说明.txt").write_bytes(b"of somebody")
    counties(sources, 东台市=500, 射阳县=200)
    result = run(*command)
    assert "退回 1 个文件" in result.stdout and "已删去副本：东台市（退回）.xlsx" in result.stdout
    assert "没有动，请核对：射阳县（退回）.xlsx、我的（退回）.xlsx" in result.stdout
    assert sorted(path.name for path in sent.glob("[!.]*")) == [
        "射阳县（退回）.xlsx", "建湖县（退回）.xlsx", "我的（退回）.xlsx", "说明.txt"]


def test_nothing_that_can_be_read_leaves_the_old_result(tmp_path):
    old = tmp_path / "汇总.xlsx"
    run("merge", str(counties(tmp_path / "报送件", 东台市=500)), "--edition", "2026", "-o", str(old))
    before = old.read_bytes()
    for command in (("merge", "-o", str(old)), ("batch", "--out", str(tmp_path / "结果"))):
        (tmp_path / "空").mkdir(exist_ok=True)
        for source, says in (("没有", "没有"), ("空", "没有要汇总的文件")) if command[0] == "merge" else (("空", "没有要汇总的文件"),):
            result = run(command[0], str(tmp_path / source), "--edition", "2026", *command[1:])
            assert result.exit_code == 1 and f"{source}" in result.stderr and says in result.stderr and "没有写文件" in result.stderr
    assert old.read_bytes() == before and not (tmp_path / "结果").exists()


def test_a_submission_is_never_written_over(tmp_path):
    sources = counties(tmp_path / "报送件", 东台市=500, 建湖县=300)
    before = (sources / "建湖县.xlsx").read_bytes()
    for named in ([sources], sorted(sources.iterdir())):
        result = run("merge", *map(str, named), "--edition", "2026", "-o", str(sources / "建湖县.xlsx"))
        assert result.exit_code == 1 and "建湖县.xlsx”：这是报送件" in result.stderr
    assert (sources / "建湖县.xlsx").read_bytes() == before


@pytest.mark.parametrize(("target", "says"), [
    ("汇总.csv", "汇总.csv：写出来的是 Excel 工作簿；请写成 {tmp}/汇总.xlsx"),
    ("文件夹", "文件夹 是文件夹；请连文件名一起写，如 {tmp}/文件夹/结果.xlsx"),
    ("没有/汇总.xlsx", "没有文件夹 {tmp}/没有"), ("汇总", "请写成 {tmp}/汇总.xlsx")])
@pytest.mark.parametrize("command", [
    ("merge", "报送件", "-o"), ("template", "make", "-o"), ("assess", "清单.xlsx", "-o"), ("match", "企业.xlsx", "-o"),
    ("guideline", "diff", "2024", "2026", "-o")])
def test_a_workbook_is_written_to_a_workbooks_name_or_the_command_refused(tmp_path, command, target, says):
    (tmp_path / "文件夹").mkdir()
    result = run(*command, str(tmp_path / target))
    assert result.exit_code == 2 and says.format(tmp=tmp_path) in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["文件夹"]


@pytest.mark.parametrize("command", [
    ("merge", "x.xlsx", "-o", "y.xlsx", "--returns"), ("batch", "x.xlsx", "--edition", "2026", "--out"), ("demo",)])
def test_a_file_is_no_folder_to_write_into(tmp_path, command):
    (tmp_path / "文件.xlsx").write_bytes(b"x")
    result = run(*command, str(tmp_path / "文件.xlsx"))
    assert result.exit_code == 2 and "文件.xlsx 是文件，不是文件夹" in result.stderr


@pytest.mark.parametrize("command", [
    ("merge", "x.xlsx", "-o", "y.xlsx"), ("batch", "x.xlsx", "--edition", "2026", "--out", "y"), ("template", "make", "-o", "y.xlsx")])
@pytest.mark.parametrize(("city", "says"), [("火星", "没有设区市“火星”；最接近的：南京市、"), ("盐诚市", "最接近的：盐城市")])
def test_an_unknown_city_is_said_with_the_nearest(command, city, says):
    result = run(*command, "--city", city)
    assert result.exit_code == 1 and says in result.stderr


def test_batch_opens_what_has_a_password(tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile
    sources = counties(tmp_path / "报送件", 东台市=500)
    plain = (sources / "东台市.xlsx").read_bytes()
    with (sources / "东台市.xlsx").open("wb") as file:
        OOXMLFile(io.BytesIO(plain)).encrypt("盐城2026", file)
    for source in (sources, sources / "东台市.xlsx"):
        command = ("batch", str(source), "--edition", "2026", "--out", str(tmp_path / "结果"))
        refused = run(*command)
        assert refused.exit_code == 1 and "--password" in refused.stderr and not (tmp_path / "结果").exists()
        assert run(*command, "--password", "错的").exit_code == 1
    assert "读到 1 个项目" in run(*command, "--password", "盐城2026").stdout


def test_a_write_error_names_the_file_and_says_why_in_chinese(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", ".xltool-x1")
    monkeypatch.setattr("xltool.output.files.os.replace", full)
    result = run("template", "make", "--programs", "2026P1-1", "-o", str(tmp_path / "模板.xlsx"))
    assert result.exit_code == 1 and f"{tmp_path}/模板.xlsx：磁盘满了" in result.stderr and list(tmp_path.iterdir()) == []


def test_template_writes_a_sheet_per_programme(tmp_path):
    result = run("template", "make", "--edition", "2026", "--programs", "2026P1-1,工业大模型建设", "--rows", "5", "-o", str(tmp_path / "模板.xlsx"))
    assert result.exit_code == 0 and "2 张表" in result.stdout
    sheets = load_workbook(tmp_path / "模板.xlsx").sheetnames
    assert [name for name in sheets if name[0].isdigit()] == ["1-1 企业研发机构创新能力提升项目", "3-5 工业大模型建设项目"]
    assert run("template", "make", "--edition", "2026", "--programs", "没有这个", "-o", str(tmp_path / "b.xlsx")).exit_code == 1
