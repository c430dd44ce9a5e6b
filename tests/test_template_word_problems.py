"""Word templates that are refused: every mistake at once, each with its place; nothing that fetches or runs something."""
from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from word_pages import fill, page, part, saved, table, with_part

from xltool.output.template import Template, TemplateError, WordTemplate, load_template
from xltool.output.template.word import patch

END = "{%tr endfor %}"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def problems(data: bytes) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        WordTemplate.load(data, "书.docx")
    return [str(problem) for problem in caught.value.problems]


def failures(data: bytes, **context) -> list[str]:
    template = WordTemplate.load(data, "书.docx")
    with pytest.raises(TemplateError) as caught:
        template.render(context)
    return [str(problem) for problem in caught.value.problems]


# A tag that cannot be read


@pytest.mark.parametrize(("tag", "said"), [
    ("{{ a， b }}", "标签里的逗号、括号、冒号、竖线要用英文符号"), ("{{ a｜大写 }}", "标签里的逗号、括号、冒号、竖线要用英文符号"),
    ("｛｛ 单位名称 ｝｝", "“｛｛”是全角符号，不会当作标签；标签用英文的大括号和百分号：{{ 名称 }}、{%tr for … %}"),
    ("{｛ 单位名称 }}", "“{｛”是全角符号"), ("{％ if a ％}", "“{％”是全角符号"), ("{{ a ｝｝", "标签没有写完"), ("{{ a }", "标签没有写完"),
    ("{{ a|大小 }}", "没有名为 大小 的过滤器；可用的有 "), ("{{ }}", "模板语法不对"), ("{{r a }}", "{{r …}} 要放整段 XML，不支持"),
    ("{{p a }}", "{{p …}} 要放整段 XML，不支持"), ("{% for x in xs recursive %}", "循环不能用 recursive"),
    ("{% import 'x' as y %}", "不支持 {% import"),
    ("{% macro m() %}", "不支持 {% macro"), ("{% include 'x' %}", "不支持 {% include"),
    ("{% set a %}", "不支持 {% set a %}"), ("{% %}", "看不懂的标签"),
    ("{% endfor x %}", "不支持 {% endfor x %}"), ("{%p if a % 2 %}", "{%p …%} 里不能用 % 和 }"),
    ("{%tr for x in xs %}", "{%tr for …%} 只能放在表格里"),
    ("{% vm %}", "{% vm %} 只能放在表格里"),
])
def test_a_tag_that_cannot_be_read_is_told_with_its_paragraph(tag, said):
    (found,) = problems(page("空", tag))
    assert found.startswith(f"书.docx 第2段 “{tag}”：") and said in found


def test_text_beside_a_tag_that_takes_its_paragraph_along_is_told():
    assert problems(page("甲{%p if a %}", "{%p endif %}")) == [
        "书.docx 第1段 “{%p if a %}”：标签所在的段落会整个消失，但里面还有别的内容；让标签独占一个段落",
        "书.docx 第2段 “{%p endif %}”：前面没有对应的 if；标签要成对，先开的后关"]


@pytest.mark.parametrize(("text", "said"), [
    (["{% if a %}"], "没有对应的 {% endif %}；补上结束标签"), (["{% endif %}"], "前面没有对应的 if"), (["{% else %}"], "前面没有对应的 if 或 for"),
    (["{% if a %}{% else %}{% elif b %}{% endif %}"], "else 后面不能再有 else 或 elif"),
    (["{% for x in xs %}{% elif b %}{% endfor %}"], "前面没有对应的 if（现在在第1段的 {% for x in xs %} 里面）"),
    (["{%p if a %}", "甲{% endif %}"], "和第1段的 {%p if a %} 写法不同；写成 {%p endif … %}"),
])
def test_tags_that_do_not_pair_up_are_told(text, said):
    (found,) = problems(page(*text))
    assert said in found


@pytest.mark.parametrize(("rows", "said"), [
    ([["{%tr for x in xs %}", "甲"], [END]],
     "表1第1行第1列 “{%tr for x in xs %}”：标签所在的表格行会整个消失，但里面还有别的内容；让标签独占一个表格行"),
    ([["{%tc for x in xs %}甲", "{%tc endfor %}"]], "表1第1行第1列 “{%tc for x in xs %}”：标签所在的单元格会整个消失"),
    ([["{% vm %}甲"]], "表1第1行第1列 “{% vm %}”：{% vm %} 只能用在循环里"),
])
def test_tags_of_a_table_are_told_with_row_and_column(rows, said):
    assert any(said in found for found in problems(table(*rows)))


def test_a_loop_that_would_break_the_file_is_refused():
    document = docx.Document()
    document.add_paragraph("{% for x in xs %}甲")
    fill(document.add_table(1, 1), [["乙{% endfor %}"]])
    (found,) = problems(saved(document))
    assert "表1第1行第1列 “{% endfor %}”：和第1段的 {% for x in xs %} 不在同一层（如一个在表格里、一个在表格外）" in found


def test_every_mistake_is_told_in_one_pass_with_its_part():
    document = docx.Document()
    document.add_paragraph("{{ a| }}")
    outer = document.add_table(1, 2)
    fill(outer.cell(0, 1).add_table(1, 1), [["{{ b( }}"]])
    document.sections[0].header.paragraphs[0].text = "{{ c"
    fill(document.sections[0].footer.add_table(1, 1, 1), [["{% if %}"]])
    document.core_properties.title, document.core_properties.keywords = "{{ 1 + }}", "{{ k }}"
    assert [found.partition(" ")[2].partition("：")[0] for found in problems(saved(document))] == [
        "第1段 “{{ a| }}”", "表1第1行第2列里的表1第1行第1列 “{{ b( }}”", "页眉第1段 “{{ c”", "页脚表1第1行第1列 “{% if %}”",
        "文档属性“标题” “{{ 1 + }}”", "文档属性 “keywords"]


def text_box(text: str) -> bytes:
    document = docx.Document()
    run = document.add_paragraph("旁边")._p.add_r()
    run.append(parse_xml(f'<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r><w:t>{text}'
                         "</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict>"))
    return saved(document)


def test_a_text_box_is_filled_in_and_told_as_such():
    assert ">甲<" in part(WordTemplate.load(text_box("{{ a }}")).render({"a": "甲"}))
    assert failures(text_box("{{ a }}")) == ["书.docx 第1段的文本框第1段 “{{ a }}”：没有 a；没有任何可用的名称"]


@pytest.mark.parametrize(("xml", "said"), [
    ("<w:r><w:instrText>{{ a }}</w:instrText></w:r>", "“instrText：{{ a }}”：这里不能放标签"),
    ("<w:del><w:r><w:delText>{{ a }}</w:delText></w:r></w:del>", "这里不能放标签；先接受全部修订"),
    ('<w:bookmarkStart w:id="1" w:name="{{ a }}"/>', "“bookmarkStart：{{ a }}”：这里不能放标签"),
])
def test_a_tag_behind_the_text_is_refused(xml, said):
    data = with_part(page("甲"), "word/document.xml", lambda old: old.replace("<w:r>", f"{xml}<w:r>", 1))
    (found,) = problems(data)
    assert said in found


def test_a_tag_in_a_comment_is_refused():
    data = with_part(page("甲"), "word/comments.xml", lambda _: "<w:comments>{{ a }}</w:comments>")
    assert problems(data) == ["书.docx “word/comments.xml：{{ a }}</w:comments>”：这里不能放标签；把标签移到正文、页眉页脚、脚注或文本框里"]


# Data that do not fit


def test_all_tags_at_fault_are_told_with_the_names_there_are():
    document = docx.Document()
    document.add_paragraph("{{ 单位名称 }} {{ 1 / zero }}")
    fill(document.add_table(3, 2), [["{%tr for 行 in 计划 %}"], ["{{ 行.任务 }}", "{{ 行.金额|大写 }}"], [END]])
    document.add_paragraph("{% if 行数 > 3 %}多{% elif b.c %}少{% endif %}")
    document.sections[0].footer.paragraphs[0].text = "{{ nothing.x }}"
    assert failures(saved(document), 单位名="甲", zero=0, 计划=[{"任务": 1, "金额": 2}, {"任物": 1, "金额": "2"}], 行=1, b=[]) == [
        "书.docx 第1段 “{{ 单位名称 }}”：没有 单位名称；可用的名称有 单位名、b、zero、行、计划",
        "书.docx 第1段 “{{ 1 / zero }}”：算不出来：division by zero；请检查数据和写法",
        "书.docx 表1第2行第1列 “{{ 行.任务 }}”：没有 任务（循环的第 2 项）；可用的名称有 任物、金额",
        "书.docx 表1第2行第2列 “{{ 行.金额|大写 }}”：算不出来（循环的第 2 项）：2 不是金额，应为数（万元）；请检查数据和写法",
        "书.docx 第2段 “{% if 行数 > 3 %}”：没有 行数；可用的名称有 行、b、zero、单位名、计划",
        "书.docx 页脚第1段 “{{ nothing.x }}”：没有 nothing；可用的名称有 b、zero、单位名、行、计划",
    ]


@pytest.mark.parametrize("expression", [
    "''.__class__.__mro__", "xs.append(1)", "'{0.__class__}'.format(x)", "'a' * 10000000", "10 ** 100000", "range(10000000)|list", "lipsum()",
    "self.__init__", "cycler.__init__.__globals__",
])
def test_the_sandbox_of_the_workbooks_holds_here_too(expression):
    xs: list[int] = []
    assert failures(page("{{ " + expression + " }}"), x=object(), xs=xs)
    assert xs == []


def test_a_document_without_end_is_refused():
    (found,) = failures(page("{% for a in range(99999) %}{% for b in range(99999) %}甲{% endfor %}{% endfor %}"))
    assert found == "书.docx “填出来的文档”：太大了，写不成一个文档；请检查数据"


# What a stranger's file must not bring


def linked(kind: str, target: str, owner: str = "document") -> bytes:
    link = f'<Relationship Id="rId99" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/>'
    return with_part(page("{{ a }}"), f"word/_rels/{owner}.xml.rels", lambda old: (
        old or '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    ).replace("</Relationships>", link + "</Relationships>"))


@pytest.mark.parametrize("kind", ["image", "oleObject", "frame", "subDocument", "mailMergeSource"])
def test_a_link_to_a_file_elsewhere_is_refused(kind):
    (found,) = problems(linked(kind, "file://server/x"))
    assert found == f"书.docx “{kind}：file://server/x”：模板不能链接外部文件（图片、对象、数据）；把它嵌入文档，或断开链接再保存"


def test_a_hyperlink_is_kept():
    data = WordTemplate.load(linked("hyperlink", "https://example.com/")).render({"a": 1})
    assert "https://example.com/" in part(data, "word/_rels/document.xml.rels")


def test_the_link_to_the_author_s_own_template_is_taken_out():
    data = linked("attachedTemplate", "file:///C:/Users/x/Normal.dotm", "settings")
    data = with_part(data, "word/settings.xml", lambda old: old.replace(
        "</w:settings>", f'<w:attachedTemplate xmlns:r="{RELATIONS}" r:id="rId99"/></w:settings>'))
    made = WordTemplate.load(data).render({"a": 1})
    assert "rId99" not in part(made, "word/settings.xml") and "Users" not in part(made, "word/_rels/settings.xml.rels")


@pytest.mark.parametrize("field", [
    '<w:p><w:fldSimple w:instr="DDEAUTO c:\\x"/></w:p>',
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDE</w:instrText></w:r></w:p><w:p><w:r><w:instrText>TEXT "x"'
    '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
])
def test_a_field_that_fetches_something_is_refused(field):
    (found,) = problems(with_part(page("甲"), "word/document.xml", lambda old: old.replace("<w:p>", f"{field}<w:p>", 1)))
    assert "模板不能有取外部内容或运行程序的域" in found


def test_page_numbers_and_the_like_are_kept():
    field = '<w:p><w:fldSimple w:instr="PAGE"/><w:fldSimple w:instr="HYPERLINK x link"/></w:p>'
    data = with_part(page("{{ a }}"), "word/document.xml", lambda old: old.replace("<w:p>", f"{field}<w:p>", 1))
    assert 'w:instr="PAGE"' in part(WordTemplate.load(data).render({"a": 1}))


@pytest.mark.parametrize(("path", "change", "said"), [
    ("word/vbaProject.bin", lambda _: "x", "“带宏的文档（.docm）”：模板不能带宏；请另存为 .docx"),
    ("[Content_Types].xml",
     lambda old: old.replace("openxmlformats-officedocument.wordprocessingml.document.main", "ms-word.document.macroEnabled.main"),
     "“带宏的文档（.docm）”：模板不能带宏；请另存为 .docx"),
    ("word/activeX/activeX1.xml", lambda _: "<x/>", "模板不能带会运行程序的控件（ActiveX）；删掉控件再保存"),
    ("_xmlsignatures/sig1.xml", lambda _: "<x/>", "“带数字签名的文档”：填写后签名会失效；请先去掉签名"),
    ("word/document.xml", lambda old: old.replace("<w:document", '<!DOCTYPE x [<!ENTITY e "e">]><w:document', 1), "不能有 DTD"),
    ("word/document.xml", lambda old: old[:-5], "不是合法的 XML；请用 Word 或 WPS 另存一份"),
    ("word/document.xml", lambda old: old.replace("<w:body>", "<w:body>" + "<w:sdt>" * 300), "标签套得太深"),
])
def test_a_file_that_could_do_harm_is_refused(path, change, said):
    (found,) = problems(with_part(page("{{ a }}"), path, change))
    assert said in found


def test_a_document_too_long_for_the_patterns_is_refused(monkeypatch):
    monkeypatch.setattr(patch, "MOST", 1000)
    (found,) = problems(page("{{ a }}"))
    assert "模板的一个部分最多" in found


def test_a_template_file_becomes_a_document():
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}.main+xml".format
    data = with_part(page("{{ a }}"), "[Content_Types].xml", lambda old: old.replace(main("document"), main("template")))
    made = WordTemplate.load(data).render({"a": "甲"})
    assert docx.Document(io.BytesIO(made)).paragraphs[0].text == "甲"


# Which kind of template a file is


def test_a_file_is_loaded_by_what_it_is(tmp_path):
    import openpyxl
    openpyxl.Workbook().save(tmp_path / "表.docx")
    (tmp_path / "书.xlsx").write_bytes(page("{{ a }}"))
    assert isinstance(load_template(tmp_path / "表.docx"), Template)
    assert isinstance(load_template(tmp_path / "书.xlsx"), WordTemplate)


@pytest.mark.parametrize(("data", "said"), [
    (b"{\\rtf1 x}", "“RTF文档”：模板要是 .docx 文档或 .xlsx 工作簿；请另存为 .docx"),
    (b"%PDF-1.7", "“PDF文件”：模板要是 .docx 文档或 .xlsx 工作簿；请用 Word"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "“Word文档”：模板要是 .docx 文档或 .xlsx 工作簿；请另存为 .docx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "请另存为 .xlsx"), (b"", "“空文件”"),
])
def test_a_file_that_is_no_template_is_told_what_to_do(data, said):
    with pytest.raises(TemplateError) as caught:
        load_template(data, "模板")
    (problem,) = caught.value.problems
    assert problem.code == "file.kind" and str(problem).startswith("模板 ") and said in str(problem)
