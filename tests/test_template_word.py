"""Word templates filled: the same document docxtpl makes, values as Chinese readers write them, only text."""
from __future__ import annotations

import base64
import datetime as dt
import io
import zipfile
from decimal import Decimal

import docx
import numpy as np
import pandas as pd
import pytest
from docx.shared import Inches
from hypothesis import given
from hypothesis import strategies as st
from word_pages import by_docxtpl, cells, fill, meaning, page, part, saved, shown, squeezed, table, with_part

from xltool.output.template import TemplateError, WordTemplate

FOR, END = "{%tr for x in xs %}", "{%tr endfor %}"
PEOPLE = {"xs": [{"n": "甲", "m": 1, "ys": ["a", "b"]}, {"n": "乙 & <丙>", "m": 2, "ys": ["&"]}, {"n": "丁", "m": 3, "ys": ["c"]}]}


def filled(data: bytes, **context) -> bytes:
    return WordTemplate.load(data, "书.docx").render(context)


def nested() -> bytes:
    document = docx.Document()
    outer = document.add_table(3, 2)
    fill(outer, [[FOR], ["{{ x.n }}"], [END]])
    cell = outer.cell(1, 1)
    fill(cell.add_table(3, 1), [["{%tr for y in x.ys %}"], ["{{ y }}"], ["{%tr endfor %}"]])
    cell.add_paragraph()
    return saved(document)


def with_header_and_footer() -> bytes:
    document = docx.Document()
    document.add_paragraph("正文")
    section = document.sections[0]
    section.header.paragraphs[0].text = "{{ title }}{% if draft %}（草稿）{% endif %}"
    fill(section.footer.add_table(3, 1, Inches(2)), [[FOR], ["{{ x.n }}"], [END]])
    return saved(document)


def with_runs_of_many_formats() -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for number, run in enumerate(["{", "{ ti", "tle }", "}，", "{%", " if draft ", "%", "}草{", "% else %}正{% en", "dif %}"]):
        paragraph.add_run(run).bold = number % 2 == 0
    return saved(document)


SAME = {
    "rows": table(["名称", "数"], [FOR], ["{{ x.n }}", "{{ x.m }}"], [END], ["合计", "{{ xs|length }}"]),
    "rows with a choice": table([FOR], ["{%tr if x.m > 1 %}"], ["{{ x.n }}"], ["{%tr else %}"], ["少"], ["{%tr endif %}"], [END]),
    "nested loops": table([FOR], ["{%tr for y in x.ys %}"], ["{{ x.n }}", "{{ y }}"], ["{%tr endfor %}"], [END]),
    "tables in tables": nested(),
    "paragraphs": page("{%p for x in xs %}", "{{ x.n }}：{% for y in x.ys %}{{ y }}、{% endfor %}", "{%p endfor %}", "完"),
    "vertical merge": table(["头", "b"], [FOR], ["{% vm %}{{ title }}", "{{ x.n }}"], [END]),
    "horizontal merge": table(["{%tc for x in xs %}", "{% hm %}{{ title }}", "{%tc endfor %}"],
                              ["{%tc for x in xs %}", "{{ x.n }}", "{%tc endfor %}"]),
    "columns": table(["名", "{%tc for x in xs %}", "{{ x.n }}", "{%tc endfor %}"], ["数", "{%tc for x in xs %}", "{{ x.m }}", "{%tc endfor %}"]),
    "a cell over columns": table(["{% colspan xs|length %}{{ title }}"], ["{%tc for x in xs %}", "{{ x.n }}", "{%tc endfor %}"]),
    "colours": table(["{% cellbg colour %}{{ title }}", "b"]),
    "split runs": with_runs_of_many_formats(),
    "runs": page("前{%r if draft %}草稿{%r endif %}后{%r if not draft %}正式{%r endif %}"),
    "header and footer": with_header_and_footer(),
    "set and loop": page("{% set total = namespace(n=0) %}{% for x in xs %}{% set total.n = total.n + x.m %}{% endfor %}{{ total.n }}"),
    "a condition over paragraphs": page("甲{% if draft %}乙", "丙", "丁{% endif %}戊"),
    "dashes join paragraphs": page("甲", "{%- if draft %}乙{% endif -%}", "丙"),
    "braces": page("{_{ title }_} 和 {_% if %_}：{{ title }}"),
    "curly quotes": page("{% if title == “题” %}是{% endif %}{{ xs[0][‘n’] }}"),
    "signs": page("{% if 1 < 2 and xs[0].m >= 1 %}&<>{% endif %}"),
    "lines and tabs": page("甲{{ lines }}乙", "{{ lines }}"),
    "comments": page("甲{# 不印 #}乙"),
}


@pytest.mark.parametrize("name", SAME)
def test_a_document_is_the_one_docxtpl_makes(name):
    context = {**PEOPLE, "title": "题", "draft": True, "colour": "FFCC00", "lines": "一\n二\t三\n\n四"}
    for draft in (True, False):
        ours, theirs = (fill_in(SAME[name], {**context, "draft": draft}) for fill_in in (lambda d, c: filled(d, **c), by_docxtpl))
        assert meaning(ours) == meaning(theirs)
    if name == "header and footer":
        for path in ("word/header1.xml", "word/footer1.xml"):
            assert meaning(ours, path) == meaning(theirs, path)


def test_properties_are_filled_in_as_docxtpl_does():
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "{{ title }} & 书", "{% if a %}{{ a }}{% endif %}"
    template = saved(document)
    ours, theirs = (docx.Document(io.BytesIO(make(template, {"title": "题", "a": "局"})))
                    for make in (lambda d, c: filled(d, **c), by_docxtpl))
    assert ours.core_properties.title == theirs.core_properties.title == "题 & 书"
    assert ours.core_properties.author == theirs.core_properties.author == "局"


def test_footnotes_are_filled_in():
    note = ('<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1"><w:p><w:r>'
            "<w:t>{{ note }}</w:t></w:r></w:p></w:footnote></w:footnotes>")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    data = with_part(page("正文"), "word/footnotes.xml", lambda _: note)
    data = with_part(data, "[Content_Types].xml", lambda old: old.replace(
        "</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'))
    data = with_part(data, "word/_rels/document.xml.rels", lambda old: old.replace(
        "</Relationships>", '<Relationship Id="rId99" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
                            'officeDocument/2006/relationships/footnotes"/></Relationships>'))
    assert meaning(filled(data, note="注 & 解"), "word/footnotes.xml") == meaning(by_docxtpl(data, {"note": "注 & 解"}), "word/footnotes.xml")


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), ("", ""), (1500.0, "1500"), (0.1 + 0.2, "0.3"), (Decimal("12.50"), "12.50"), (10**18, "1" + "0" * 18),
    (True, "是"), (False, "否"), (np.True_, "是"), (np.float64(2), "2"), (np.int64(3), "3"), (pd.NA, ""),
    (dt.date(2025, 1, 1), "2025年1月1日"), (dt.datetime(2025, 12, 31), "2025年12月31日"), (dt.datetime(2025, 1, 1, 8, 5), "2025年1月1日08:05"),
    (dt.time(8, 5), "08:05"), ("a\r\nb\rc\vd", "a\nb\nc\nd"), ("  两头 ", "  两头 "), ("=1+1", "=1+1"), ("{{ x }}{% if %}", "{{ x }}{% if %}"),
    ("</w:t><w:p/>&amp;\"'", "</w:t><w:p/>&amp;\"'"),
])
def test_a_value_is_written_as_readers_write_it(value, text):
    assert shown(filled(page("{{ x }}"), x=value)) == [text]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_any_text_comes_out_as_it_went_in(text):
    assert shown(ANY.render({"x": text})) == [f"前{text}后"]


ANY = WordTemplate.load(page("前{{ x }}后"))


@pytest.mark.parametrize(("value", "said"), [
    (float("nan"), "值是 nan，不是有限的数（NaN 或无穷大）"), ("a\x07b", "文字里有文档不能容纳的控制字符 U+0007"), ("\ud800", "控制字符 U+D800"),
    ([1], "值是 list [1]，这里只能放文字、数、日期、真假或空"), ({"a": 1}, "值是 dict {'a': 1}"), (pd.NaT, "值是 NaTType NaT"),
])
def test_a_value_that_is_no_text_is_refused_with_its_place(value, said):
    with pytest.raises(TemplateError) as caught:
        filled(page("空", "{{ x }}"), x=value)
    (problem,) = caught.value.problems
    assert problem.code == "template.value" and str(problem).startswith("书.docx 第2段 “{{ x }}”：") and said in str(problem)


@pytest.mark.parametrize(("tag", "value"), [
    ("{% colspan x %}", 0), ("{% colspan x %}", "2"), ("{% colspan x %}", 1.5), ("{% cellbg x %}", "red"), ("{% cellbg x %}", 'F"/><w:p/>'),
])
def test_a_cell_s_columns_and_colour_cannot_break_the_file(tag, value):
    with pytest.raises(TemplateError, match=r"单元格的列数应为|底色应为六位十六进制数"):
        filled(table([tag + "文"]), x=value)


def test_no_colour_is_no_background():
    assert 'w:fill="auto"' in part(filled(table(["{% cellbg x %}文"]), x=None))


def test_nothing_that_word_calls_damaged_is_left_when_everything_goes():
    document = docx.Document()
    fill(document.add_table(3, 1), [[FOR], ["{{ x }}"], [END]])
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "{%p if xs %}"
    cell.add_paragraph("有")
    cell.add_paragraph("{%p endif %}")
    fill(document.add_table(1, 3), [["{%tc for x in xs %}", "{{ x }}", "{%tc endfor %}"]])
    document.sections[0].header.paragraphs[0].text = "{%p if xs %}"
    document.sections[0].header.add_paragraph("{%p endif %}")
    data = filled(saved(document), xs=[])
    (rest,) = docx.Document(io.BytesIO(data)).tables
    assert [[c.text for c in row.cells] for row in rest.rows] == [[""]]
    assert "<w:p/></w:tc>" in part(data) and "<w:p/></w:hdr>" in part(data, "word/header1.xml")
    assert len(cells(filled(saved(document), xs=["甲", "乙"]), 2)[0]) == 2


PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")  # one black dot


def test_pictures_in_a_loop_have_numbers_of_their_own():
    document = docx.Document()
    document.add_paragraph("{%p for x in xs %}")
    document.add_paragraph("{{ x }}").add_run().add_picture(io.BytesIO(PICTURE))
    document.add_paragraph("{%p endfor %}")
    data = filled(saved(document), xs=[1, 2, 3])
    assert [f'docPr id="{n}"' in part(data) for n in (1001, 1002, 1003, 1004)] == [True, True, True, False]
    assert meaning(data) == meaning(by_docxtpl(saved(document), {"xs": [1, 2, 3]}))


def test_the_same_data_give_the_same_bytes_and_untouched_parts_stay_as_they_are():
    template = with_header_and_footer()
    first, again = (filled(template, title="题", draft=False, **PEOPLE) for _ in range(2))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as ours, zipfile.ZipFile(io.BytesIO(template)) as theirs:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        changed = {name for name in ours.namelist() if ours.read(name) != theirs.read(name)}
    assert changed == {"word/header1.xml", "word/footer1.xml"}


def test_one_template_fills_many_documents():
    template = WordTemplate.load(page("{{ n }}"))
    assert [shown(template.render({"n": n})) for n in (1, 2, 1)] == [["1"], ["2"], ["1"]]


def test_tags_in_chinese_work_with_the_filters_of_both_kinds():
    data = table(["{{ 单位名称 }}", "{{ 批复专项资金|大写 }}（{{ 批复专项资金|元 }}）"], ["{%tr for 行 in 进度计划 %}"],
                 ["{{ 行.起|年月日 }}", "{{ 行['金额']|大写 }}"], [END])
    rows = [{"起": dt.date(2025, 1, 1), "金额": None}, {"起": None, "金额": 0.05}]
    assert cells(filled(data, 单位名称="甲公司", 批复专项资金=1500.5, 进度计划=rows)) == [
        ["甲公司", "壹仟伍佰万伍仟元整（15,005,000.00）"], ["2025年1月1日", ""], ["", "伍佰元整"]]


def test_the_names_a_template_reads_are_listed_per_tag():
    data = table(["{{ a.b['c'] + d|default(0) }}"], ["{%tr for p in projects|sort(attribute='n') %}"], ["{{ loop.index }}{{ p.name }}{{ year }}"],
                 ["{%tr for k, v in p.facts.items() %}"], ["{{ k }}{% set s = p.sub %}{{ s.x }}"], ["{%tr endfor %}"], ["{%tr endfor %}"])
    found = [(use.where.cell, use.names) for use in WordTemplate.load(data).names()]
    assert found == [
        ("表1第1行第1列", ("a.b.c", "d")), ("表1第2行第1列", ("projects",)), ("表1第3行第1列", ("projects[].name",)),
        ("表1第3行第1列", ("year",)), ("表1第4行第1列", ("projects[].facts.items",)), ("表1第5行第1列", ("projects[].sub",)),
        ("表1第5行第1列", ("projects[].sub.x",)),
    ]


def test_libreoffice_shows_what_was_filled_in(soffice, pdftotext, tmp_path):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ title }}"
    document.add_paragraph("甲方：{{ unit }}")
    document.add_paragraph("{%p if note %}")
    document.add_paragraph("说明：{{ note }}")
    document.add_paragraph("{%p endif %}")
    fill(document.add_table(5, 3), [["序", "名称", "金额"], [FOR], ["{{ loop.index }}", "{% vm %}{{ group }}", "{{ x.amount|大写 }}"], [END],
                                   ["{% colspan 2 %}合计", "", "{{ xs|sum(attribute='amount')|元 }}"]])
    context = {"title": "任务书", "unit": "A&B <科技>有限公司", "note": "第一行\n第二行", "group": "设备",
               "xs": [{"amount": 1.5}, {"amount": 20.000001}]}
    path = tmp_path / "书.docx"
    path.write_bytes(filled(saved(document), **context))
    (pdf,) = soffice.convert([path], tmp_path / "out", "pdf")
    lines = [line.strip() for line in pdftotext(pdf, "-layout").splitlines() if line.strip()]
    assert lines[:4] == ["任务书", "甲方：A&B <科技>有限公司", "说明：第一行", "第二行"]
    text = squeezed("".join(lines))
    assert text.count("设备") == 1 and "壹万伍仟元整" in text and "贰拾万元零壹分" in text and "215,000.01" in text


@pytest.mark.parametrize("wrap", ["ins", "hyperlink", "smartTag"])
def test_a_tag_half_in_a_tracked_insertion_or_a_link_is_refused(wrap):
    split = f'<w:r><w:t>{{{{ 单位</w:t></w:r><w:{wrap} w:id="1"><w:r><w:t>名称 }}}}</w:t></w:r></w:{wrap}>'
    data = with_part(page("X"), "word/document.xml", lambda xml: xml.replace("<w:r><w:t>X</w:t></w:r>", split))
    with pytest.raises(TemplateError, match=f"第1段 “{{{{ 单位名称 }}}}”：标签有一半在 w:{wrap} 里面"):
        WordTemplate.load(data, "模板.docx")


def field(*inside: str) -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return mark("begin") + "".join(inside) + mark("end")


def code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


@pytest.mark.parametrize("start", ["", "D"])
def test_a_field_whose_name_another_field_makes_is_refused(start):
    built = field(code(start), field(code(" QUOTE 68 68 69 ")), code("AUTO c:\\x"))
    data = with_part(page("X"), "word/document.xml", lambda xml: xml.replace("<w:r><w:t>X</w:t></w:r>", built))
    with pytest.raises(TemplateError, match="域的名称不能由别的域拼出来"):
        WordTemplate.load(data, "模板.docx")


def test_a_field_inside_another_is_kept():
    counted = field(code("="), field(code(" PAGE ")), code("-1"))
    data = with_part(page("X", "{{ x }}"), "word/document.xml", lambda xml: xml.replace("<w:r><w:t>X</w:t></w:r>", counted))
    assert counted in part(WordTemplate.load(data).render({"x": 1}))


def test_a_file_that_is_taken_in_on_opening_is_refused():
    chunk = '<Relationship Id="rId98" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" Target="a.html"/>'
    data = with_part(page("X"), "word/_rels/document.xml.rels", lambda xml: xml.replace("</Relationships>", f"{chunk}</Relationships>"))
    with pytest.raises(TemplateError, match="模板不能有打开时才并入的别的文件"):
        WordTemplate.load(data, "模板.docx")


def test_a_part_of_many_megabytes_is_refused_before_it_is_parsed():
    data = with_part(page("X"), "word/document.xml", lambda xml: xml.replace("<w:body>", "<w:body>" + "<w:p/>" * 3_000_000))
    with pytest.raises(TemplateError, match="模板的一个部分最多 16 MB"):
        WordTemplate.load(data, "模板.docx")


@pytest.mark.parametrize("name", ["县（市、区）", "2025年收入", "项目 名称"])
def test_a_heading_typed_as_it_stands_in_the_list_is_told_how_names_are_written(name):
    with pytest.raises(TemplateError, match="名称里的标点和空格去掉，以数字开头的前面加“列”"):
        WordTemplate.load(page(f"{{{{ {name} }}}}"), "模板.docx")
