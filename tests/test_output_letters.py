"""Letters of the 2023 edition as printed: what the official ones print, in their order, with the project's values, blanks and proposals.

`tests/data/annexes-2023.json` lists the fields and clauses of the official annexes, taken from the document apart from the templates.
"""
from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest

from xltool.guideline.bundle import bundled, edition, edition_ids
from xltool.intake.projects import Cell, Project
from xltool.output.checking import Checked, check_project
from xltool.output.papers.context import project_context
from xltool.output.papers.documents import document_problems
from xltool.output.template import load_template
from xltool.rules.problems import Where
from xltool.rules.serial import from_date

EDITION = edition("2023")
ANNEXES = json.loads((Path(__file__).parent / "data" / "annexes-2023.json").read_text(encoding="utf-8"))
OFFICIAL = {each["number"]: each for each in ANNEXES["documents"]}
DOCUMENTS = {document.number: document for document in EDITION.documents}
HERE = Where("清单.xlsx", "清单", "第5行")
FIT = {"项目总投入": 25000.0, "实施地在江苏省内": True, "符合重点方向": True, "研发类项目": False, "手续完备或已说明": True, "已开工": True,
       "已竣工": False, "列入省重大工业项目清单": True}
FULL = {
    "单位名称": "盐城示例装备有限公司", "统一社会信用代码": "91320981MADEM0001X", "申报项目名称": "示例<塔筒>&“智能”制造", "设区市": "盐城市",
    "主营业务收入": 32000.5, "实缴税金": 1200.0, "申报项目总投资": 26500.5, "项目申请补助资金": 1500.0, "项目所在地": "东台市示例园区",
    "项目负责人": "示例甲", "联系电话": "0515-00000001", "项目推荐单位": "东台市示例工信主管单位", "任务目标": "建成两条线\n形成产能",
    "绩效目标": "新增销售2亿元", "主要实施内容": "购置36台套设备",
    "项目开始时间": from_date(dt.date(2022, 7, 1)), "项目结束时间": from_date(dt.date(2023, 12, 31)),
    "项目实施进度计划": "2022年；采购；14000万元\n2023年；安装；1.25005亿元", "个性指标": "新增就业：12人", "批复专项资金": 1234.56}


def item(columns: dict[str, object], facts: dict[str, object] = FIT, refused: tuple[str, ...] = (), programme: str = "2023P1-1-1") -> Checked:
    def cells(values: dict[str, object]) -> dict[str, Cell]:
        return {name: Cell(name, value, value, Where("清单.xlsx", "清单", "A5")) for name, value in values.items()}
    return check_project(Project(EDITION.programmes[programme], cells(columns), cells(facts), {}, HERE, (), cells(dict.fromkeys(refused, "?"))))


def printed(number: str, columns: dict[str, object], facts: dict[str, object] = FIT) -> bytes:
    template = load_template(bundled("templates") / DOCUMENTS[number].template)
    return template.render(project_context(EDITION, item(columns, facts), 1, dt.date(2023, 2, 1)))


def lines(data: bytes) -> list[str]:
    """The paragraphs and table cells from top to bottom; a merged cell once."""
    def inside(place) -> list[str]:
        found = []
        for block in place.iter_inner_content():
            if hasattr(block, "rows"):
                for row in block.rows:
                    for cell in dict.fromkeys(cell._tc for cell in row.cells):
                        found += inside(next(each for each in row.cells if each._tc is cell))
            else:
                found.append(block.text)
        return found
    return inside(docx.Document(BytesIO(data)))


def text(number: str, columns: dict[str, object], facts: dict[str, object] = FIT) -> str:
    return key("\n".join(lines(printed(number, columns, facts))))


def key(written: str) -> str:
    return re.sub(r"[\s:：]", "", written)


def in_order(whole: str, parts: list[str]) -> None:
    """Each part stands in the text after the one before it."""
    at = 0
    for part in parts:
        found = whole.find(key(part), at)
        assert found >= 0, f"“{part}” does not come after …{whole[max(0, at - 40):at]}"
        at = found + len(key(part))


def labels(rows: list[dict]) -> list[str]:
    return [label for row in rows for cell in row["cells"] for label in (cell["label"], cell.get("unit")) if label]


# --- against the official annexes ---------------------------------------------------------------------------------------

def test_every_official_document_is_in_its_edition_and_no_other_edition_has_any():
    assert {number: (document.name, document.title) for number, document in DOCUMENTS.items()} == {
        number: (official["kind"], official["title"]) for number, official in OFFICIAL.items()}
    assert [name for name in edition_ids() if edition(name).documents] == ["2023"]


@pytest.mark.parametrize("number", OFFICIAL)
def test_a_document_begins_with_its_number_and_official_title(number):
    assert text(number, FULL).startswith(key(number + OFFICIAL[number]["title"]))


def test_the_commitment_reads_as_the_official_one():
    official, whole = OFFICIAL["附件3"], text("附件3", {})
    in_order(whole, [*labels(official["fields"]), official["lead"], *(f"{each['no']}." for each in official["items"]),
                     *(each["label"] for each in official["signature"])])
    in_order(whole, ["近三年", *official["items"][3]["by"], "近三年", *official["items"][4]["kinds"], "中介", "公共信用信息系统"])
    assert "8." not in whole


def test_the_check_sheet_reads_as_the_official_one():
    official, whole = OFFICIAL["附件4"], text("附件4", {})
    in_order(whole, [*labels(official["fields"]), *official["table"]["columns"], *(f"{each['no']}." for each in official["items"]),
                     *(each["label"] for each in official["after"]), "说明"])
    in_order(whole, ["截至2022年6月30日", "1年以上", "备案", "环评", "能评", "安评", "规划", "土地", "前期投入", "经济指标", "建设内容",
                     "专家评审意见", "不超过100字", "签字", "操作流程（2022年修订）", "专项资金项目库管理系统"])


def test_what_was_found_on_the_spot_is_left_to_the_checkers():
    table = docx.Document(BytesIO(printed("附件4", FULL))).tables[0]
    assert [row.cells[2].text for row in table.rows[4:10]] == [""] * 6
    assert [row.cells[0].text[:2] for row in table.rows[4:10]] == [f"{number}." for number in range(1, 7)]


def test_the_task_book_reads_as_the_official_one():
    official, whole = OFFICIAL["附件5"], text("附件5", {})
    cover = official["cover"]
    in_order(whole, [official["label"], *(label for each in cover for label in (each.get("label"), each.get("preset"), each.get("issuer"),
                                                                               each.get("date_line")) if label)])
    sections: list[str] = []
    for section in official["sections"]:
        sections.append(f"{section['no']}、{section['title']}")
        for each in section["items"]:
            sections += [(each["no"] or "") + (each.get("field") or each.get("title") or (each["party"] + "负责" if "party" in each else ""))]
            sections += each.get("table", {}).get("columns", [])
            for field in each.get("fields", []):
                sections += [field["label"] if "第一笔" in field["label"] else field["form"], field.get("unit", "")]
            duties = each.get("sub") or (each["says"] if "party" in each else [])
            sections += [f"{number}." for number, _ in enumerate(duties, 1)]
    in_order(whole, sections + [f"{each['party']}（盖章）" for each in official["signature"]])


def test_the_task_book_keeps_every_number_and_regulation():
    in_order(text("附件5", FULL), [
        "中华人民共和国民法典", "关于组织2023年度江苏省工业和信息产业转型升级专项资金项目申报入库的通知", "每季度", "土建", "铺底流动资金",
        "1000万元（含）以上", "项目库管理办法（试行）》（苏工信规〔2022〕3号）", "项目管理操作流程（2022年修订）》", "https://jsgxt.jszfw.gov.cn:8090/cjpt",
        "江苏省省级工业和信息产业转型升级专项资金项目验收管理办法（试行）》（苏工信规〔2020〕6号）", "1个月内", "300万元（含）至1000万元",
        "第四条第（二）项第1、2点", "3年内不得申报", "告知", "申辩", "甲方所在地", "一式六份",
        "甲方三份", "乙方二份", "丙方一份", "盖章并签字", "项目验收后30年内"])


# --- values, blanks, proposals ----------------------------------------------------------------------------------------

def test_the_commitment_shows_the_projects_values():
    in_order(text("附件3", FULL), ["盐城示例装备有限公司", "91320981MADEM0001X", "示例<塔筒>&“智能”制造", "关于组织2023年度", "26500.5万元",
                                 "1500万元", "东台市示例园区", "示例甲", "0515-00000001"])


def test_the_check_sheet_shows_what_the_list_says_beside_what_is_checked():
    in_order(text("附件4", FULL), ["盐城示例装备有限公司", EDITION.programmes["2023P1-1-1"].title, "清单所填统一社会信用代码91320981MADEM0001X", "2.",
                                 "清单所填（万元）主营业务收入32000.5；实缴税金1200", "5."])
    assert "清单所填" not in text("附件4", {})


def test_the_task_book_shows_goals_schedule_amounts_and_offices():
    in_order(text("附件5", FULL), [
        "示例<塔筒>&“智能”制造", "盐城示例装备有限公司", "东台市示例工信主管单位", "任务目标建成两条线形成产能", "新增就业", "12人", "购置36台套设备",
        "2022年7月1日至2023年12月31日", "2022年采购14000", "2023年安装12500.5", "（大写）贰亿陆仟伍佰万伍仟元整", "（小写）26500.5万元",
        "（大写）壹仟贰佰叁拾肆万伍仟陆佰元整", "（小写）1234.56万元。", "第一笔专项资金617.28万元", "剩余专项资金（617.28万元）",
        "本项目批复专项资金1234.56万元，由甲方组织验收", "投资与技术改造处，025-69652865", "投资与技术改造处，0515-88190574"])


def test_an_amount_nobody_approved_says_so_wherever_it_stands():
    whole = text("附件5", {name: value for name, value in FULL.items() if name != "批复专项资金"})
    in_order(whole, ["（小写）1500万元（拟，未批复）", "本项目批复专项资金1500万元（拟，未批复），由甲方组织验收"])
    assert whole.count("拟，未批复") == 2 and "拟，未批复" not in text("附件5", FULL)


def test_without_data_everything_is_left_to_be_written():
    whole = text("附件5", {}, {})
    in_order(whole, ["任务目标＿＿", "绩效目标＿＿", "主要实施内容＿＿", "实施期限＿＿", "（大写）＿＿", "（小写）＿＿＿＿＿＿万元",
                     "第一笔专项资金＿＿＿＿＿＿万元", "剩余专项资金。"])
    assert "None" not in whole and "由甲方组织验收。3" in whole and "本项目批复" not in whole and "绩效指标" not in whole
    plan = next(table for table in docx.Document(BytesIO(printed("附件5", {}, {}))).tables if table.rows[0].cells[0].text == "起止时间")
    assert [[cell.text for cell in row.cells] for row in plan.rows[1:]] == [["", "", ""]] * 4


@pytest.mark.parametrize(("amount", "sentence"), [
    (1000.0, "本项目批复专项资金1000万元，由甲方组织验收"), (999.999999, "本项目批复专项资金999.999999万元，由丙方组织验收"),
    (300.0, "本项目批复专项资金300万元，由丙方组织验收"), (299.99, "")])
def test_the_task_book_says_who_organises_the_acceptance(amount, sentence):
    whole = text("附件5", {**FULL, "批复专项资金": amount})
    assert key(sentence) in whole and whole.count("本项目批复专项资金") == bool(sentence)


@pytest.mark.parametrize(("amount", "words"), [
    (1234.56, "壹仟贰佰叁拾肆万伍仟陆佰元整"), (1000.0, "壹仟万元整"), (305.0, "叁佰零伍万元整"), (0.0105, "壹佰零伍元整"),
    (10000.0001, "壹亿零壹元整"), (1234.567891, "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角壹分")])
def test_amounts_stand_in_capitals_too(amount, words):
    assert f"批复专项资金（大写）{words}，（小写）" in text("附件5", {**FULL, "批复专项资金": amount})


# --- what is still lacking --------------------------------------------------------------------------------------------

def told(number: str, columns: dict[str, object], **more: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.expected) for problem in document_problems(DOCUMENTS[number], item(columns, **more))]


@pytest.mark.parametrize("number", OFFICIAL)
def test_a_document_with_everything_filled_lacks_nothing(number):
    assert told(number, FULL) == []


def test_what_a_document_leaves_blank_is_named():
    assert told("附件3", {"单位名称": "甲", "申报项目名称": "乙", "申报项目总投资": 5.0}, refused=("项目申请补助资金",)) == [
        ("cell.missing", "附件3信用承诺书的统一社会信用代码、项目所在地、项目负责人、联系电话没填，留空")]
    ((code, words),) = told("附件5", {}, facts={})
    assert code == "cell.missing" and "批复专项资金没填" in words
    assert words.startswith("附件5任务书的申报项目名称、单位名称、项目推荐单位、任务目标、")


def test_a_proposal_a_small_amount_and_a_schedule_that_does_not_add_up_are_told():
    without = {name: value for name, value in FULL.items() if name != "批复专项资金"}
    assert [code for code, _ in told("附件5", without)] == ["note.proposal"]
    assert told("附件5", {**FULL, "批复专项资金": 299.99}) == [
        ("note.unstated", "“批复专项资金”299.99万元的项目，文件没有写由谁组织验收，附件5任务书留空")]
    assert [code for code, _ in told("附件5", {**FULL, "申报项目总投资": 30000.0})] == ["note.sum"]
    assert [code for code, _ in told("附件5", {**FULL, "项目实施进度计划": "年底完成"})] == ["value.type"]
    assert told("附件4", without) == told("附件3", without) == []


def test_a_programme_that_is_not_paid_in_parts_is_told():
    assert EDITION.programmes["2023P1-2-1"].first is None
    assert told("附件5", FULL, facts={}, programme="2023P1-2-1") == [
        ("note.unstated", "文件没有写这类项目首次拨付多少，附件5任务书的第一笔专项资金留空")]


def test_an_amount_too_large_for_words_is_left_blank_and_told():
    large = {**FULL, "批复专项资金": 1e9}
    assert told("附件5", large) == [("value.range", "“批复专项资金”太大，写不成大写，附件5任务书留空")]
    assert "批复专项资金（大写）＿" in text("附件5", large)


def test_an_approval_above_the_ceiling_is_a_problem_of_the_list():
    (problem,) = [each for each in item({**FULL, "批复专项资金": 2600.0}).problems if each.code == "value.conflict"]
    assert problem.expected == "“批复专项资金”2600万元，超过补助上限（2023P1-1-1）2500万元，多100万元"


# --- files ------------------------------------------------------------------------------------------------------------

def test_a_template_is_plain_and_safe():
    for document in DOCUMENTS.values():
        with zipfile.ZipFile(bundled("templates") / document.template) as archive:
            assert not [name for name in archive.namelist() if re.search(r"vba|embed|media|customXml|thumbnail", name)]
            assert b'TargetMode="External"' not in b"".join(map(archive.read, archive.namelist()))


def test_long_texts_many_stages_and_odd_signs_survive():
    goal = "采用“智能化”<方案>&升级，提升产能；" * 105
    plan = "\n".join(f"2022年{number}；第<{number}>阶段&“安装”；{number}.5" for number in range(1, 41))
    whole = text("附件5", {**FULL, "任务目标": goal, "项目实施进度计划": plan})
    assert goal in whole
    in_order(whole, [f"2022年{number}第<{number}>阶段&“安装”{number}.5" for number in range(1, 41)])


def test_rows_stay_whole_and_headings_repeat():
    tables = docx.Document(BytesIO(printed("附件5", FULL))).tables
    plan = next(table for table in tables if table.rows[0].cells[0].text == "起止时间")
    assert plan.rows[0]._tr.trPr.xpath("w:tblHeader") and all(row._tr.trPr.xpath("w:cantSplit") for row in plan.rows)


def test_the_documents_open_in_a_real_word_processor(soffice, pdftotext, tmp_path):
    files = []
    for number, document in DOCUMENTS.items():
        files.append(tmp_path / document.template)
        files[-1].write_bytes(printed(number, FULL))
    for number, pdf in zip(DOCUMENTS, soffice.convert(files, tmp_path, "pdf")):
        whole = re.sub(r"—\d+—", "", key(pdftotext(pdf, "-raw")))
        assert whole.startswith(key(OFFICIAL[number]["title"])) or whole.startswith(key(number + OFFICIAL[number]["title"]))
        assert key(FULL["单位名称"]) in whole
        if number == "附件5":
            in_order(whole, [*(f"{each['no']}、{each['title']}" for each in OFFICIAL[number]["sections"]), "甲方（盖章）", "联系方式"])
        else:
            assert pdftotext(pdf).count("\f") == 1, f"{number} takes more than a page"
