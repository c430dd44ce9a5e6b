"""Formulas follow the rows: totals grow, copies are relative, other sheets and names keep up, stale values go."""

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from xltool.output.template import Template, TemplateError
from xltool.output.template.reference import Reference, scan, shift

FOR, ENDFOR = "{%tr for x in xs %}", "{%tr endfor %}"


def workbook_of(rows: list[list[object]], title: str = "表"):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    return workbook


def saved(workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def filled(rows: list[list[object]], **context):
    return openpyxl.load_workbook(io.BytesIO(Template.load(saved(workbook_of(rows))).render(context)))


def formulas(rows: list[list[object]], column: str = "A", **context) -> list[object]:
    return [cell.value for cell in filled(rows, **context).active[column]]


def cached(data: bytes, cell: str):
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True).active[cell].value


def part(data: bytes, path: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(path).decode()


# Reading references


@pytest.mark.parametrize(
    ("formula", "references"),
    [
        ("SUM(F5:F$9)+$G5", ["F5:F9", "$G5"]),
        ("LOG10(A1)+TAX2024+ABCD1+XFE1", ["A1", "TAX2024"]),
        ('"A1"&A1&"say ""B2"""', ["A1"]),
        ("'表 A1'!C3+'it''s'!D4+汇总!E5", ["'表 A1'!C3", "'it''s'!D4", "汇总!E5"]),
        ("表1[[#This Row],[A1]]+表1[@B2]+SUM(表1[C3])", []),
        ("[1]Sheet1!A1+'[2]x'!B2+'C:\\[b.xlsx]s'!C1", []),
        ("合计A1+A1合计+_A1+A1_x+x.A1", []),
        ("5:5+$3:$7+A:C", ["5:5", "3:7"]),
        ("#REF!A1+#N/A+1E5+E5", ["E5"]),
        ("IF(TRUE,A1,{1,2;3,4})", ["A1"]),
    ],
)
def test_references_are_told_from_all_that_looks_like_them(formula, references):
    pieces = scan(formula)
    found = [
        p.prefix + p.first[0] + str(p.first[2]) + (f":{p.last[0]}{p.last[2]}" if p.last else "")
        for p in pieces
        if isinstance(p, Reference)
    ]
    assert found == references
    written = [p if isinstance(p, str) else p.at(p.first[2], (p.last or p.first)[2]) for p in pieces]
    assert "".join(written) == formula


def test_a_shared_formula_is_copied_as_excel_would():
    assert shift("A1+$B1+C$1+$D$1+SUM(A:A)+Sheet2!E1:F2", 2, 1) == "B3+$B3+D$1+$D$1+SUM(B:B)+Sheet2!F3:G4"


# Totals


@pytest.mark.parametrize("total", ["=SUM(A2:A2)", "=SUM(A2)", "=SUM(A1:A3)", "=SUM(A$2:A$2)", "=SUM($A$2:$A$2)"])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_total_takes_in_every_copy_and_shows_its_value(total, count):
    data = Template.load(saved(workbook_of([[FOR], ["{{ x }}"], [ENDFOR], [total]]))).render({"xs": [1.5] * count})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    text = sheet.cell(count + 1, 1).value.replace("$", "")
    last = f"A1:A{count}" if count > 1 else "A1:A1" if count else "A1048576"
    assert text.startswith(f"=SUM({last.split(':')[0]}") and (not count or text.endswith(f"{last.split(':')[-1]})"))
    assert cached(data, f"A{count + 1}") == 1.5 * count


def test_subtotals_of_groups_cover_their_own_turn_and_the_grand_total_adds_subtotals():
    rows = [
        ["{%tr for g in gs %}"],
        [FOR.replace("xs", "g")],
        ["{{ x }}"],
        [ENDFOR],
        ["小计", "=SUM(A3:A3)"],
        [ENDFOR],
        ["合计", "=SUM(B5:B5)"],
    ]
    data = Template.load(saved(workbook_of(rows))).render({"gs": [[1, 2], [], [4]]})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [c.value for c in sheet["B"] if c.value] == [
        "=SUM(A1:A2)",
        "=SUM(A1048576:A1048576)",
        "=SUM(A5:A5)",
        "=SUM(B3:B6)",
    ]
    assert [cached(data, f"B{n}") for n in (3, 4, 6, 7)] == [3, 0, 4, 7]


def test_a_grand_total_of_the_detail_leaves_out_subtotals_in_between():
    rows = [
        ["{%tr for g in gs %}"],
        [FOR.replace("xs", "g")],
        ["{{ x }}", "{{ x }}"],
        [ENDFOR],
        ["=SUM(A3:A3)"],
        [ENDFOR],
        ["=SUM(A3:A3)", "=SUM(B3:B3)", "=SUM(A3:A5)"],
    ]
    t = Template.load(saved(workbook_of(rows)))
    data = t.render({"gs": [[1, 2], [4]]})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [c.value for c in sheet[6]] == ["=SUM(A1:A2,A4:A4)", "=SUM(B1:B4)", "=SUM(A1:A5)"]
    assert [cached(data, f"{c}6") for c in "ABC"] == [7, 7, 14]
    with pytest.raises(TemplateError, match="表!A7 “=SUM\\(A3:A3\\)”：展开后超过 8192 个字符；请改用 SUMIF"):
        t.render({"gs": [[1, 2]] * 3000})


def test_a_total_over_text_blanks_booleans_and_merged_repeats_counts_numbers_only():
    rows = [[FOR], ["{% vm %}{{ x }}"], [ENDFOR], ["=SUM(A2:A2)"]]
    data = Template.load(saved(workbook_of(rows))).render({"xs": [5, 5, "text", True, None, "7", 0.25]})
    assert cached(data, "A8") == 5.25


def test_a_total_over_fixed_numbers_and_other_totals_is_known_but_not_over_other_formulas():
    rows = [[1, 2, "=SUM(A1:B1)"], ["{{ x }}", 3, "=SUM(A2:B2)"], ["", "", "=SUM(C1:C2)"], ["=A1*2", "=SUM(A4:A4)"]]
    data = Template.load(saved(workbook_of(rows))).render({"x": 10})
    assert [cached(data, c) for c in ("C1", "C2", "C3", "A4", "B4")] == [3, 13, 16, None, None]


def test_a_total_that_includes_itself_has_no_value():
    data = Template.load(saved(workbook_of([["{{ x }}"], ["=SUM(A1:A2)"]]))).render({"x": 1})
    assert cached(data, "A2") is None


# Copies


def test_references_inside_a_repeated_row_are_relative():
    rows = [["头"], [FOR], ["=B3*C3", "{{ x }}", 2], [ENDFOR]]
    assert formulas(rows, xs=[1, 2, 3]) == ["头", "=B2*C2", "=B3*C3", "=B4*C4"]


def test_a_running_total_and_a_share_of_the_total_work():
    rows = [[FOR], ["=SUM(C$2:C2)", "=C2/SUM($C$2:$C$2)", "{{ x }}"], [ENDFOR], ["", "=SUM(B2:B2)/C$4", "=SUM(C2:C2)"]]
    sheet = filled(rows, xs=[1, 2, 3]).active
    assert [c.value for c in sheet["A"]][:3] == ["=SUM(C$1:C1)", "=SUM(C$1:C2)", "=SUM(C$1:C3)"]
    assert sheet["B2"].value == "=C2/SUM($C$1:$C$3)"
    assert [sheet["B4"].value, sheet["C4"].value] == ["=SUM(B1:B3)/C$4", "=SUM(C1:C3)"]


def test_references_to_fixed_rows_stay_on_them():
    rows = [[2, 3], [FOR], ["{{ x }}", "=A3*$A$1+B1+A5"], [ENDFOR], [9]]
    assert formulas(rows, "B", xs=[1, 2]) == [3, "=A2*$A$1+B1+A4", "=A3*$A$1+B1+A4", None]


def test_formulas_between_rows_of_one_turn_follow_that_turn():
    rows = [[FOR], ["{{ x }}", "=A4"], ["{%tr if x > 1 %}"], ["=A2*2"], ["{%tr endif %}"], ["=SUM(A2:A5)"], [ENDFOR]]
    assert formulas(rows, xs=[1, 2]) == [1, "=SUM(A1:A1)", 2, "=A3*2", "=SUM(A3:A4)"]
    assert formulas(rows, "B", xs=[2, 1])[:1] + formulas(rows, "B", xs=[2, 1])[3:4] == ["=A2", "=A1048576"]


def test_shared_formulas_are_written_out():
    data = saved(workbook_of([["{{ x }}"], [1, "f"], [2, "g"], [3, "h"]]))
    cells = {
        "f": '<f t="shared" ref="B2:B4" si="0">A2*$A$1</f><v>7</v>',
        "g": '<f t="shared" si="0"/>',
        "h": '<f t="shared" si="0"/>',
    }
    for letter, formula in cells.items():
        data = replaced(data, "xl/worksheets/sheet1.xml", f' t="inlineStr"><is><t>{letter}</t></is>', f">{formula}")
    xml = part(Template.load(data).render({"x": 1}), "xl/worksheets/sheet1.xml")
    assert [f"<f>A{n}*$A$1</f>" in xml for n in (2, 3, 4)] == [True] * 3
    assert "shared" not in xml and "<v>7</v>" not in xml


def test_an_array_formula_moves_and_repeats_with_its_rows():
    workbook = workbook_of([[FOR], ["{{ x }}", 1, None], [ENDFOR], ["x"]])
    workbook.active["C2"] = ArrayFormula("C2", "=SUM(A2:A2*B2:B2)")
    workbook.active["B4"] = ArrayFormula("B4", "=SUM(A2:A2*B2:B2)")
    sheet = openpyxl.load_workbook(io.BytesIO(Template.load(saved(workbook)).render({"xs": [1, 2]}))).active
    assert [(sheet[c].value.ref, sheet[c].value.text) for c in ("C1", "C2", "B3")] == [
        ("C1", "=SUM(A1:A1*B1:B1)"),
        ("C2", "=SUM(A2:A2*B2:B2)"),
        ("B3", "=SUM(A1:A2*B1:B2)"),
    ]


def test_an_array_formula_across_a_tag_row_is_refused():
    workbook = workbook_of([[FOR], ["{{ x }}"], ["", ENDFOR]])
    workbook.active["C2"] = ArrayFormula("C2:C4", "=A2:A4*2")
    workbook.active["A3"], workbook.active["B3"] = ENDFOR, None
    with pytest.raises(TemplateError, match="数组公式不能跨过"):
        Template.load(saved(workbook))


def test_a_tag_inside_a_formula_is_refused():
    with pytest.raises(TemplateError, match=r"A1 .*公式里不能放标签"):
        Template.load(saved(workbook_of([['="共{{ n }}项"']])))


def test_a_reference_through_several_sheets_is_refused_when_rows_move():
    workbook = workbook_of([[FOR], ["{{ x }}"], [ENDFOR]])
    workbook.create_sheet("二")["A1"] = "=SUM(表:二!B1)"
    with pytest.raises(TemplateError, match="跨多张表的引用不能跟着循环移动"):
        Template.load(saved(workbook))


# Beyond the sheet


def test_formulas_of_other_sheets_and_defined_names_follow():
    workbook = workbook_of([["头"], [FOR], ["{{ x }}"], [ENDFOR], ["=SUM(A3:A3)"]], "明细 '1")
    other = workbook.create_sheet("封面")
    other["A1"], other["A2"], other["A3"] = "=SUM('明细 ''1'!A3:A3)", "='明细 ''1'!$A$5", "=1+1"
    workbook.defined_names["金额"] = DefinedName("金额", attr_text="'明细 ''1'!$A$3")
    workbook.defined_names["合计"] = DefinedName("合计", attr_text="'明细 ''1'!$A$5")
    workbook.active.print_area, workbook.active.print_title_rows = "A1:B5", "1:1"
    read = openpyxl.load_workbook(io.BytesIO(Template.load(saved(workbook)).render({"xs": [1, 2, 3]})))
    assert [c.value for c in read["封面"]["A"]] == ["=SUM('明细 ''1'!A2:A4)", "='明细 ''1'!$A$5", "=1+1"]
    assert read.defined_names["金额"].attr_text == "'明细 ''1'!$A$2:$A$4"
    assert read.defined_names["合计"].attr_text == "'明细 ''1'!$A$5"
    assert read.active.print_area == "'明细 ''1'!$A$1:$B$5"
    assert read.active.print_title_rows == "$1:$1"


def test_sheets_with_loops_may_refer_to_each_other():
    workbook = workbook_of([[FOR], ["{{ x }}", "=SUM(二!A2:A2)"], [ENDFOR], ["=SUM(A2:A2)"]], "一")
    other = workbook.create_sheet("二")
    for row in (["{%tr for y in ys %}"], ["{{ y }}", "=一!A4"], [ENDFOR], ["=SUM(A2:A2)+一!$A$4"]):
        other.append(row)
    read = openpyxl.load_workbook(io.BytesIO(Template.load(saved(workbook)).render({"xs": [1, 2], "ys": [3, 4, 5]})))
    assert [c.value for c in read["一"]["B"]] == ["=SUM(二!A1:A3)", "=SUM(二!A1:A3)", None]
    assert [c.value for c in read["二"]["B"]] == ["=一!A3"] * 3 + [None]
    assert read["二"]["A4"].value == "=SUM(A1:A3)+一!$A$3"


def with_cached(tags: bool) -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    first, second, third = (workbook.add_worksheet(name) for name in ("甲", "乙", "丙"))
    first.write("A1", "{{ x }}" if tags else 1)
    first.write_formula("B1", "=A1*2", None, 2)
    second.write_formula("A1", "=甲!B1+1", None, 3)
    third.write_formula("A1", "=1+1", None, 2)
    workbook.close()
    return stream.getvalue()


def test_values_that_depend_on_tags_are_dropped_and_recalculation_is_asked_for():
    data = Template.load(with_cached(True)).render({"x": 5})
    read = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert [read["甲"]["B1"].value, read["乙"]["A1"].value, read["丙"]["A1"].value] == [None, None, 2]
    assert 'fullCalcOnLoad="1"' in part(data, "xl/workbook.xml")


def test_a_template_without_formulas_is_not_made_to_recalculate():
    data = saved(workbook_of([["{{ x }}"]]))
    before, after = part(data, "xl/workbook.xml"), part(Template.load(data).render({"x": 1}), "xl/workbook.xml")
    assert before == after


def replaced(data: bytes, path: str, old: str, new: str) -> bytes:
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name == path:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return stream.getvalue()
