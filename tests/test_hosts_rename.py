"""Workbooks moved between hosts: the names in formulas change, nothing else does, and LibreOffice reads what comes out."""
from __future__ import annotations

import doctest
import io
import re
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from xltool.cli import main
from xltool.hosts import rename as module
from xltool.hosts import spelling
from xltool.hosts.rename import rename
from xltool.rules.problems import Problem, ProblemsError

HOSTS = ("libreoffice", "excel", "officejs")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def zipped(parts: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def relations(*links: tuple[str, str], mode: str = "") -> str:
    """A part of relationships: kind and target, numbered from rId1."""
    each = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>' for n, (kind, target) in enumerate(links, 1))
    return f'<Relationships xmlns="{LINKS}">{each}</Relationships>'


def excel(sheet: str, names: str = "", addins: tuple[str, ...] = (), kind: str = "sheet", **more: str | bytes) -> dict[str, str | bytes]:
    """A workbook by hand: the inside of its one worksheet, its defined names, the targets of its external links, further parts."""
    references = "".join(f'<externalReference r:id="rId{n}"/>' for n in range(2, len(addins) + 2))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
                               f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}{kind}.main+xml"/>'
                               + "".join(f'<Override PartName="/xl/externalLinks/externalLink{n}.xml" ContentType="{TYPE}externalLink+xml"/>'
                                         for n in range(1, len(addins) + 1)) + "</Types>",
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="WHY(1)" sheetId="1" r:id="rId1"/></sheets>'
                           f"{f'<externalReferences>{references}</externalReferences>' if addins else ''}"
                           f"<definedNames>{names}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml"), *(
            ("externalLink", f"externalLinks/externalLink{n}.xml") for n in range(1, len(addins) + 1))),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
    }
    for n, target in enumerate(addins, 1):
        parts[f"xl/externalLinks/externalLink{n}.xml"] = f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}"><externalBook r:id="rId1"/></externalLink>'
        parts[f"xl/externalLinks/_rels/externalLink{n}.xml.rels"] = relations(("externalLinkPath", target), mode=' TargetMode="External"')
    return parts | more


def cells(*formulas: str) -> str:
    each = "".join(f'<c r="A{n}"><f>{formula}</f><v>{n}</v></c>' for n, formula in enumerate(formulas, 1))
    return f'<sheetData><row r="1">{each}</row></sheetData>'


def ods(table: str, mimetype: str = "application/vnd.oasis.opendocument.spreadsheet", **more: str) -> dict[str, str]:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    return {"mimetype": mimetype, "content.xml":
            f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
            f'xmlns:style="{space}:style:1.0" xmlns:text="{space}:text:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:'
            f'xmlns:calcext:1.0" office:version="1.3"><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>'
            "</office:document-content>", "META-INF/manifest.xml": "<manifest/>"} | more


def renamed(folder: Path, parts: dict[str, str | bytes] | bytes, host: str, name: str = "") -> tuple[dict[str, bytes], int]:
    path = folder / (name or ("a.ods" if "mimetype" in parts else "a.xlsx"))
    path.write_bytes(parts if isinstance(parts, bytes) else zipped(parts))
    data, count = rename(path, host)
    return unzipped(data), count


def problem(folder: Path, data: bytes, name: str, host: str = "libreoffice") -> Problem:
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(ProblemsError) as caught:
        rename(path, host)
    (found,) = caught.value.problems
    assert found.where.file == name and found.fix
    return found


def formulas(parts: dict[str, bytes], path: str = "xl/worksheets/sheet1.xml") -> list[str]:
    return re.findall("<f[^>]*>([^<]+)<", parts[path].decode())


# Names in a formula


@pytest.mark.parametrize("written", ["SUBSIDY(A1)", "XLTOOL.SUBSIDY(A1)", "_xldudf_XLTOOL_SUBSIDY(A1)", "xltool.subsidy(A1)", "[1]!SUBSIDY(A1)",
                                     r"'C:\工具\xltool.xlam'!SUBSIDY(A1)", "xltool.xlam!subsidy(A1)", "'file:///D:/a/xltool (2).xlam'!SUBSIDY(A1)",
                                     r"'c:\it''s\xltool.xlam' subsidy(A1)", "#REF! subsidy(A1)"])
def test_every_writing_of_a_function_becomes_that_of_the_host(tmp_path, written):
    book = excel(cells(written.replace("'", "&apos;"), f"IF({written}&gt;1,{written},0)"), addins=(r"file:///C:\工具\xltool.xlam",))
    for host, form in zip(HOSTS, ("XLTOOL.SUBSIDY(A1)", "SUBSIDY(A1)", "_xldudf_XLTOOL_SUBSIDY(A1)")):
        assert formulas(renamed(tmp_path, book, host)[0]) == [form, f"IF({form}&gt;1,{form},0)"]


def test_all_seven_functions_are_known(tmp_path):
    names = ("SUBSIDY", "ELIGIBLE", "WHY", "FIRST_PAYMENT", "QUOTA_LEFT", "PROGRAM", "MATCH_PROGRAMS")
    parts, count = renamed(tmp_path, excel(cells(*(f"{name}(A1)" for name in names))), "libreoffice")
    assert formulas(parts) == [f"XLTOOL.{name}(A1)" for name in names] and count == 7


OTHERS = ['"WHY(A1)"', "'WHY('!A1", "表1[WHY(]", "表1[[#This Row],[WHY('[元']]]", "MYWHY(A1)", "A.WHY(A1)", "XLTOOL.WHYS(A1)", "WHY_(A1)",
          "WHY.X(A1)", "WHY+1", "Sheet1!WHY(A1)", "'另 一个.xlsm'!WHY(A1)", "[2]!WHY(A1)", "[2]Sheet1!WHY(A1)", "CONTOSO.SUBSIDY(A1)",
          '"a""WHY("&amp;A1', "_xldudf_CONTOSO_WHY(A1)", "'xltool.xlsm'!WHY(A1)", "&quot;WHY(&quot;&amp;A1", "&#34;WHY(&#x22;", "X\\WHY(A1)",
          "表·1!WHY(A1)"]


@pytest.mark.parametrize("other", OTHERS)
def test_texts_sheets_columns_and_other_peoples_functions_stay(tmp_path, other):
    book = excel(cells(other, f"{other}&amp;WHY(A1)"), addins=("xltool.xlam", "D:/another.xlam"))
    assert formulas(renamed(tmp_path, book, "libreoffice")[0]) == [other, f"{other}&amp;XLTOOL.WHY(A1)"]


PIECES = st.sampled_from(["{}.F", *(other for other in OTHERS if "&" not in other), "SUM(A1:B2)", "1.5E+3", "{1,2;3,4}", "#N/A", "$A$1", "名称"])


@given(st.lists(st.tuples(PIECES, st.sampled_from("+-*,; (")), max_size=12))
def test_between_any_pieces_only_calls_change(pieces):
    def written(form: str) -> str:
        return "".join((form if piece == "{}.F" else piece) + sign for piece, sign in pieces)

    given_ = written("SUBSIDY(A1)")
    found = [call for call in spelling.calls(given_, opendocument=False) if not call.book]
    made, done = "", 0
    for call in found:
        made, done = made + given_[done:call.start] + spelling.spelled(call.function, "officejs"), call.end
    assert made + given_[done:] == written("_xldudf_XLTOOL_SUBSIDY(A1)")


@pytest.mark.parametrize(("written", "expected"), [
    ("of:=SUBSIDY(&quot;WHY(&quot;;[$'WHY(]'.A1];[.B1])", "of:=XLTOOL.SUBSIDY(&quot;WHY(&quot;;[$'WHY(]'.A1];[.B1])"),
    ("of:=[1]!why([.A1])+'c:\\xltool.xlam'!why([.A1])", "of:=XLTOOL.WHY([.A1])+XLTOOL.WHY([.A1])"),
    ("of:=['file:///d/it''s%20WHY(.ods'#$Sheet1.A1]", "of:=['file:///d/it''s%20WHY(.ods'#$Sheet1.A1]"),
    ("msoxl:=WHY(表1[它']WHY(])+WHY(1)", "msoxl:=XLTOOL.WHY(表1[它']WHY(])+XLTOOL.WHY(1)")])
def test_openformula_is_read_by_its_own_grammar(tmp_path, written, expected):
    parts, _ = renamed(tmp_path, ods(f'<table:table-cell table:formula="{written}"/>'), "libreoffice")
    assert re.search('table:formula="([^"]*)"', parts["content.xml"].decode())[1] == expected


@pytest.mark.parametrize("repeated", ["[", "['", "[a[x]", "'", '"', "'a'!", "a!", "'.xlam' ", "'.xlam''", "a"])
@pytest.mark.parametrize("opendocument", [True, False])
def test_time_grows_with_the_length_of_a_formula_only(repeated, opendocument):
    start = time.process_time()
    list(spelling.calls(repeated * 100_001, opendocument))
    assert time.process_time() - start < 3  # a scanner that starts over at each sign takes minutes


def test_the_examples_in_docstrings_are_true():
    result = doctest.testmod(spelling)
    assert result.attempted and not result.failed


# Places of formulas


X14 = ('<extLst><ext xmlns:x14="x" uri="u"><x14:cfRule><xm:f xmlns:xm="m">{}1)</xm:f></x14:cfRule><x14:dataValidation><x14:formula1>'
       '<xm:f xmlns:xm="m">{}2)</xm:f></x14:formula1></x14:dataValidation></ext></extLst>')
SHEET = ('<sheetData><row r="1"><c r="A1" t="str"><f>{}"WHY(")</f><v>WHY(1)</v></c><c r="B1"><f t="shared" ref="B1:B2" si="0">{}$A1)</f><v>7</v></c>'
         '<c r="C1" cm="1"><f t="array" ref="C1:C2" ca="1">{}A1:A2)</f><v>1</v></c><c r="D1" t="inlineStr"><is><t>SUBSIDY(1)</t></is></c></row>'
         '<row r="2"><c r="B2"><f t="shared" si="0"/><v>8</v></c><c r="C2" t="e"><f>SUM(A1)</f><v>#N/A</v></c></row></sheetData>'
         '<conditionalFormatting sqref="A1"><cfRule type="expression"><formula>{}A1)&gt;1</formula></cfRule><cfRule type="colorScale">'
         "<colorScale><cfvo type='formula' val='{}$A$1)'/><cfvo val=\"SUBSIDY(1)\" type=\"num\"/></colorScale></cfRule></conditionalFormatting>"
         '<dataValidations><dataValidation prompt="SUBSIDY(1)"><formula1>{}A1)</formula1><formula2>{}A2)</formula2></dataValidation>'
         '</dataValidations>' + X14)
TABLE = ('<table xmlns="' + MAIN + '" name="WHY"><tableColumns><tableColumn name="SUBSIDY(1)"><calculatedColumnFormula>{}[@[WHY(]])'
         '</calculatedColumnFormula><totalsRowFormula>{}1)</totalsRowFormula></tableColumn></tableColumns></table>')
NAMES = '<definedName name="补助">{}\'WHY(1)\'!$A$1)</definedName><definedName name="SUBSIDY" hidden="1">#NAME?</definedName>'


def whole(form: str) -> dict[str, str | bytes]:
    """A workbook with a call in every place that has formulas, and the word in many that have none."""
    return excel(SHEET.replace("{}", form), NAMES.replace("{}", form), **{
        "xl/worksheets/_rels/sheet1.xml.rels": relations(("table", "../tables/table1.xml")),
        "xl/tables/table1.xml": TABLE.replace("{}", form),
        "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A1" i="1"/></calcChain>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>SUBSIDY(1)</t></si></sst>',
        "xl/vbaProject.bin": b"\0SUBSIDY(1)", "xl/comments1.xml": "<comments>WHY(1)</comments>", "docProps/app.xml": "<Properties> </Properties>"})


OPEN = ('<table:content-validations><table:content-validation table:condition="of:is-true-formula({}[.A1])&gt;1)"/></table:content-validations>'
        '<table:table table:name="WHY(1)"><table:table-row><table:table-cell table:formula="of:={}&quot;x&quot;;[.A1])" office:value="7">'
        '<text:p>SUBSIDY(1) table:formula="WHY(1)"</text:p></table:table-cell><table:table-cell table:formula=\'of:={}"WHY(";[.A1:.A2])\' '
        'table:number-matrix-rows-spanned="2"/></table:table-row></table:table><calcext:conditional-format><calcext:condition '
        'calcext:value="formula-is({}[.A1])&gt;1)"/></calcext:conditional-format><table:named-expressions><table:named-expression '
        'table:name="补助" table:expression="{}[.A1])"/></table:named-expressions>')


def whole_ods(form: str) -> dict[str, str]:
    style = '<office:styles xmlns:style="s" xmlns:office="o"><style:map style:condition="is-true-formula({}[.A1])&gt;1)"/></office:styles>'
    return ods(OPEN.replace("{}", form), **{"styles.xml": style.replace("{}", form), "meta.xml": "<meta>WHY(1)</meta>"})


FORMS = {"libreoffice": "XLTOOL.SUBSIDY(", "excel": "SUBSIDY(", "officejs": "_xldudf_XLTOOL_SUBSIDY("}


@pytest.mark.parametrize(("make", "count"), [(whole, 12), (whole_ods, 6)])
@pytest.mark.parametrize("host", HOSTS)
def test_every_place_of_a_formula_changes_and_every_other_byte_stays(tmp_path, make, count, host):
    for before in FORMS.values():
        parts, changed = renamed(tmp_path, make(before), host)
        expected = {name: text.encode() if isinstance(text, str) else text for name, text in make(FORMS[host]).items()}
        assert parts == expected and changed == (0 if before == FORMS[host] else count)
        assert list(parts) == list(expected)


def test_a_workbook_without_the_functions_is_handed_back_as_it_came(tmp_path):
    for name, parts in (("a.xlsx", excel(cells("SUM(A1)", '"WHY("'))), ("a.ods", ods('<table:table-cell table:formula="of:=SUM([.A1])"/>'))):
        (tmp_path / name).write_bytes(data := zipped(parts))
        assert rename(tmp_path / name, "officejs") == (data, 0)


def test_the_type_of_an_ods_stands_first_and_stored(tmp_path):
    path = tmp_path / "a.ods"
    path.write_bytes(zipped(whole_ods("SUBSIDY(")))
    assert rename(path, "libreoffice")[0][30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")


def test_other_writings_of_xml_are_read(tmp_path):
    wide = f'<?xml version="1.0" encoding="UTF-16"?><x:worksheet xmlns:x="{MAIN}"><x:c><x:f a=">">WHY(1)</x:f></x:c></x:worksheet>'.encode("utf-16")
    parts, count = renamed(tmp_path, excel("", **{"xl/worksheets/sheet1.xml": wide}), "libreoffice")
    assert count == 1 and b'<x:f a=">">XLTOOL.WHY(1)</x:f>' in parts["xl/worksheets/sheet1.xml"]


def test_a_part_that_mentions_a_function_and_calls_none_keeps_its_writing(tmp_path):
    aside = f'<worksheet xmlns="{MAIN}"><!-- WHY(1) --><f><![CDATA["WHY("]]></f></worksheet>'
    book = excel("", '<definedName name="x">WHY(1)</definedName>', **{"xl/worksheets/sheet1.xml": aside})
    parts, count = renamed(tmp_path, book, "libreoffice")
    assert count == 1 and parts["xl/worksheets/sheet1.xml"] == aside.encode()


# Names of the workbook itself


def test_a_bare_name_that_the_workbook_defines_is_its_own(tmp_path):
    book = excel(cells("WHY(A1)", "XLTOOL.WHY(A1)", "SUBSIDY(A1)"), '<definedName name="why">_xlfn.LAMBDA(x,x)</definedName>')
    assert formulas(renamed(tmp_path, book, "officejs")[0]) == ["WHY(A1)", "_xldudf_XLTOOL_WHY(A1)", "_xldudf_XLTOOL_SUBSIDY(A1)"]
    own = '<table:table-cell table:formula="of:=WHY([.A1])"/><table:named-expression table:name="Why" table:expression="1"/>'
    assert renamed(tmp_path, ods(own), "libreoffice")[1] == 0


def test_a_call_is_not_made_one_of_a_name_of_the_workbook(tmp_path):
    book = excel(cells("XLTOOL.WHY(A1)"), '<definedName name="WHY">1</definedName>')
    found = problem(tmp_path, zipped(book), "a.xlsx", "excel")
    assert found.found == "WHY" and "名称管理器" in found.fix


# Links to the add-in


def linked_parts(parts: dict[str, bytes]) -> list[str]:
    return [name for name in parts if "externalLink" in name]


def test_a_link_that_only_served_the_add_in_is_dropped_whole(tmp_path):
    book = excel(cells("[2]!WHY(A1)", "[1]Sheet1!A1"), addins=("D:/other.xlsx", "file:///C:%5Ca%5Cxltool.xlam"))
    parts, count = renamed(tmp_path, book, "libreoffice")
    assert formulas(parts) == ["XLTOOL.WHY(A1)", "[1]Sheet1!A1"] and count == 1
    assert linked_parts(parts) == ["xl/externalLinks/externalLink1.xml", "xl/externalLinks/_rels/externalLink1.xml.rels"]
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        assert b"externalLink1.xml" in parts[name] and b"externalLink2.xml" not in parts[name]
    assert re.findall(rb'externalReference r:id="(\w+)"', parts["xl/workbook.xml"]) == [b"rId2"]


def test_no_empty_list_of_links_is_left(tmp_path):
    parts, _ = renamed(tmp_path, excel(cells("[1]!WHY(A1)"), addins=("xltool.xlam",)), "officejs")
    assert not linked_parts(parts) and b"externalReference" not in parts["xl/workbook.xml"]


@pytest.mark.parametrize(("formulas_", "addins"), [
    (("[1]!WHY(A1)", "[2]Sheet1!A1"), ("xltool.xlam", "D:/other.xlsx")),  # dropping it would renumber the other
    (("[1]!WHY(A1)", "[1]!OTHER(A1)"), ("xltool.xlam",)),
    (("WHY(A1)", "[1]!WHY(A1)"), ("D:/other.xlam",))])
def test_a_link_that_cannot_go_stays_as_it_is(tmp_path, formulas_, addins):
    book = excel(cells(*formulas_), addins=addins)
    parts, _ = renamed(tmp_path, book, "libreoffice")
    for name in (*linked_parts(parts), "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        assert parts[name] == book[name].encode()
    assert len(linked_parts(parts)) == 2 * len(addins)


# What is refused


def test_other_files_are_refused_with_what_to_do(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    fods = b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
    for name, data, code, fix in (
            ("a.xls", ole + "Workbook".encode("utf-16-le"), "file.kind", "另存为 .xlsx"),
            ("b.xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "file.password", "去掉密码"),
            ("c.fods", fods, "file.kind", "另存为 .ods"), ("d.xlsx", b"%PDF-1.7", "file.kind", "表格"),
            ("e.xlsb", zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"}), "file.kind", "另存为 .xlsx"),
            ("f.xlsx", zipped(whole("WHY("))[:400], "file.damaged", "重新"),
            ("g.xlsx", zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>"}), "file.unreadable", ".xlsx")):
        found = problem(tmp_path, data, name)
        assert found.code == code and fix in found.fix, found


def test_templates_add_ins_macro_sheets_and_signed_workbooks_are_refused(tmp_path):
    book = excel(cells("WHY(A1)"))
    sheet = book | {"xl/_rels/workbook.xml.rels": relations(("xlMacrosheet", "worksheets/sheet1.xml"))}
    for parts, found in ((excel("", kind="template"), "Excel 模板（.xltx、.xltm）"), (sheet, "宏表“WHY(1)”"),
                         (book | {"_xmlsignatures/sig1.xml": "<s/>"}, "带数字签名的工作簿"),
                         (whole_ods("WHY(") | {"META-INF/documentsignatures.xml": "<s/>"}, "带数字签名的工作簿"),
                         (ods("", "application/vnd.oasis.opendocument.spreadsheet-template"), "开放文档表格模板（.ots）")):
        assert problem(tmp_path, zipped(parts), "a.xlsx").found == found
    types = excel("")["[Content_Types].xml"].replace(TYPE + "sheet", "application/vnd.ms-excel.addin.macroEnabled")
    assert problem(tmp_path, zipped(excel("") | {"[Content_Types].xml": types}), "x.xlam").found == "Excel 加载项（.xlam）"


def test_an_encrypted_ods_is_refused(tmp_path):
    manifest = "<manifest><manifest:encryption-data/></manifest>"
    assert problem(tmp_path, zipped(ods("", **{"META-INF/manifest.xml": manifest})), "a.ods").code == "file.password"


def test_a_missing_file_is_a_problem(tmp_path):
    with pytest.raises(ProblemsError, match=r"没有\.xlsx.*没有这个文件"):
        rename(tmp_path / "没有.xlsx", "excel")


def test_hostile_files_end_in_a_problem(tmp_path, monkeypatch):
    huge = zipped(ods("") | {"content.xml": b" " * (60 << 20)})
    assert problem(tmp_path, huge, "a.ods").code == "file.limit"
    doctype = f'<!DOCTYPE a [<!ENTITY b "WHY(">]><worksheet xmlns="{MAIN}"/>'
    assert problem(tmp_path, zipped(excel("") | {"xl/worksheets/sheet1.xml": doctype}), "a.xlsx").code == "file.damaged"
    assert problem(tmp_path, zipped(excel(cells("WHY(" + "1+" * 200_000))), "a.xlsx").code == "file.limit"
    torn = bytearray(zipped(excel(cells("WHY(A1)" * 50))))
    torn[torn.rindex(b"xl/worksheets/sheet1.xml", 0, torn.index(b"PK\x01\x02")) + 40] ^= 0xFF
    assert problem(tmp_path, bytes(torn), "a.xlsx").code in ("file.damaged", "file.unreadable")
    monkeypatch.setattr(module, "_LARGEST", 100)
    assert problem(tmp_path, zipped(excel("")), "a.xlsx").code == "file.limit"


# For users


def test_the_command_writes_another_file_and_says_how_many(tmp_path):
    (tmp_path / "甲.xlsx").write_bytes(data := zipped(whole("SUBSIDY(")))
    result = CliRunner().invoke(main, ["addin", "rename", str(tmp_path / "甲.xlsx"), "--to", "libreoffice", "-o", str(tmp_path / "乙.xlsx")])
    assert result.exit_code == 0 and "12 个公式" in result.output
    assert (tmp_path / "甲.xlsx").read_bytes() == data
    assert b"XLTOOL.SUBSIDY(" in unzipped((tmp_path / "乙.xlsx").read_bytes())["xl/workbook.xml"]


@pytest.fixture(scope="module")
def untouched(soffice, tmp_path_factory):
    """LibreOffice as an office has it: it keeps the values stored in an .xlsx. No add-in is installed."""
    plain = type(soffice)(soffice.program, tmp_path_factory.mktemp("plain") / "profile")
    (plain.profile / "user" / "registrymodifications.xcu").unlink()
    return plain


def made_with_xlsxwriter(path: Path) -> None:
    import xlsxwriter
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("WHY(1)")
        sheet.write_row("A1", ["2026P1-1", 1500])
        sheet.write_formula("C1", '=SUBSIDY(A1,B1)+LEN("WHY(")', None, 154)
        sheet.write_formula("D1", "=WHY(A1,B1)", None, "第 2 条差 200 万元")
        sheet.conditional_format("B1", {"type": "formula", "criteria": '=ELIGIBLE(A1,B1)="符合"', "format": book.add_format({"bold": True})})
        sheet.data_validation("B1", {"validate": "custom", "value": "=SUBSIDY(A1,B1)>0"})
        book.define_name("剩余", "=QUOTA_LEFT('WHY(1)'!$A$1)")


def stored(parts: dict[str, bytes]) -> list[str]:
    """The texts of a workbook's formulas, as a set of characters in one writing of quotes."""
    text = parts["xl/worksheets/sheet1.xml"].decode() + parts["xl/workbook.xml"].decode()
    found = re.findall(r"<(?:f|formula|formula1|definedName)\b[^>]*>([^<]+)<", text)
    return sorted(formula.replace("&quot;", '"').replace("&apos;", "'").lstrip("=") for formula in found)


def test_libreoffice_keeps_names_and_values_of_a_renamed_workbook(untouched, tmp_path):
    made_with_xlsxwriter(tmp_path / "office.xlsx")
    bare = stored(unzipped((tmp_path / "office.xlsx").read_bytes()))
    data, count = rename(tmp_path / "office.xlsx", "libreoffice")
    assert count == 5
    (tmp_path / "calc.xlsx").write_bytes(data)
    (tmp_path / "calc.ods").write_bytes(untouched.convert([tmp_path / "calc.xlsx"], tmp_path / "out", "ods")[0].read_bytes())
    (saved,) = untouched.convert([tmp_path / "calc.xlsx"], tmp_path / "out")
    parts = unzipped(saved.read_bytes())
    wanted = [re.sub(r'(?<!")\b(SUBSIDY|WHY|ELIGIBLE|QUOTA_LEFT)\((?=[A\'])', r"XLTOOL.\1(", formula) for formula in bare]
    # Without the add-in LibreOffice writes names it does not know in small letters.
    assert sorted(formula.casefold() for formula in stored(parts)) == sorted(formula.casefold() for formula in wanted)
    values = re.findall(r"<c r=\"([CD]1)\"[^>]*>.*?<v>([^<]*)</v>", parts["xl/worksheets/sheet1.xml"].decode())
    assert values == [("C1", "154"), ("D1", "第 2 条差 200 万元")]
    # And back: what LibreOffice saved is what Excel had.
    assert stored(unzipped(rename(saved, "excel")[0])) == bare
    # As .ods the same names, in every place.
    content, count = rename(tmp_path / "calc.ods", "libreoffice")
    assert count >= 5 and not re.search(rb"xltool\.(?:subsidy|why|eligible|quota_left)\(", unzipped(content)["content.xml"])
    (tmp_path / "again.ods").write_bytes(content)
    (reopened,) = untouched.convert([tmp_path / "again.ods"], tmp_path / "out")
    assert stored(unzipped(rename(reopened, "excel")[0])) == bare


def test_the_original_is_never_written_over(tmp_path):
    path = tmp_path / "甲.xlsx"
    path.write_bytes(b"as it was")
    result = CliRunner().invoke(main, ["addin", "rename", str(path), "--to", "excel", "-o", str(tmp_path / "." / "甲.xlsx")])
    assert result.exit_code == 2 and "就是原来的工作簿" in result.output and path.read_bytes() == b"as it was"


def test_a_copy_is_the_same_kind_of_file(tmp_path):
    path = tmp_path / "甲.xlsx"
    path.write_bytes(b"as it was")
    result = CliRunner().invoke(main, ["addin", "rename", str(path), "--to", "libreoffice", "-o", str(tmp_path / "乙.ods")])
    assert result.exit_code == 2 and "请把名字写成 乙.xlsx" in result.output and not (tmp_path / "乙.ods").exists()
