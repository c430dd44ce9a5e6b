"""A Word form of three pages filled many times: xltool's template compiled once, against docxtpl.

docxtpl keeps nothing between two documents: its object, used again, parses, patches and compiles the file anew. Both fill the same
template from the same contexts to .docx files on disk. Before anything is timed, the documents of both are read back with
python-docx: every paragraph and every cell must have the same text.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import docx
from docx.shared import Pt
from docxtpl import DocxTemplate
from forms import without_isal
from measure import OURS, Row, a_file_each

from xltool.output.template import WordTemplate

DOCXTPL, PLAIN = "docxtpl", "xltool（只用 zlib）"
COUNT, ROUNDS = 40, 7
LETTERS = "Word 表：每份一个文件"
GROUPS = {
    LETTERS: "一份三页的任务书：60 段文字、三张表（6 行、循环的 12 行、循环的 8 行带纵向合并）、页眉页脚，约 120 个标签。数据各不相同。"
    "docxtpl 每份都要重新打开模板（它没有编译后留用的办法）。计时前用 python-docx 读回，段落和单元格的文字逐个相等。",
}
Context = Mapping[str, object]
FACTS = ("项目名称", "单位名称", "信用代码", "地址", "负责人", "电话")
CLAUSE = "甲方按照本任务书的约定，对{{ 单位名称 }}承担的“{{ 项目名称 }}”进行管理；乙方应按期完成第" + "{}" + "项任务，资料真实、完整，接受检查。"


def run(quick: bool = False) -> list[Row]:
    """The rows of the report."""
    source, data = template_bytes(), contexts(5 if quick else COUNT)
    template = WordTemplate.load(source)
    fillers = {
        OURS: template.render,
        PLAIN: lambda context: without_isal(lambda: template.render(context)),
        DOCXTPL: partial(by_docxtpl, source),
    }
    for context in data[:2]:
        check_equal({name: fill(context) for name, fill in fillers.items()})
    return a_file_each(LETTERS, fillers, data, 3 if quick else ROUNDS, {DOCXTPL: 40.0})


def by_docxtpl(source: bytes, context: Context) -> bytes:
    template, stream = DocxTemplate(io.BytesIO(source)), io.BytesIO()
    template.render(context, autoescape=True)
    template.save(stream)
    return stream.getvalue()


def template_bytes() -> bytes:
    """The template of three pages."""
    document = docx.Document()
    document.styles["Normal"].font.size = Pt(10.5)
    document.sections[0].header.paragraphs[0].text = "{{ 项目名称 }}任务书"
    document.sections[0].footer.paragraphs[0].text = "{{ 编号 }}"
    document.add_heading("{{ 项目名称 }}任务书", 1)
    grid(document, [[name, "{{ " + name + " }}"] for name in FACTS])
    for number in range(1, 21):
        document.add_paragraph(CLAUSE.format(number))
    plan = ["{{ loop.index }}", "{{ 行.任务 }}", "{{ 行.起 }}—{{ 行.止 }}", "{{ 行.金额 }}"]
    grid(document, [["序号", "任务", "起止", "金额"], ["{%tr for 行 in 进度计划 %}"], plan, ["{%tr endfor %}"]])
    for number in range(21, 41):
        document.add_paragraph(CLAUSE.format(number))
    document.add_paragraph("{%p if 说明 %}")
    document.add_paragraph("说明：{{ 说明 }}")
    document.add_paragraph("{%p endif %}")
    rows = [["{%tr for 行 in 设备 %}"], ["{% vm %}{{ 单位名称 }}", "{{ 行.名称 }}", "{{ 行.数量 }}", "{{ 行.金额 }}"], ["{%tr endfor %}"]]
    grid(document, [["单位", "设备", "数量", "金额"], *rows])
    for number in range(41, 61):
        document.add_paragraph(CLAUSE.format(number))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def grid(document: docx.document.Document, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(len(rows), max(map(len, rows)), style="Table Grid")
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text


def contexts(count: int) -> list[dict[str, object]]:
    """Data that differ from document to document, all of it text and whole numbers, which both write alike."""
    return [
        {
            **{name: f"{name} {number} & <甲>" for name in FACTS},
            "编号": f"2026-{number:04d}",
            "说明": f"第一行 {number}\n第二行" if number % 2 else "",
            "进度计划": [
                {"任务": f"任务 {number}-{k}", "起": f"2026年{k}月", "止": f"2027年{k}月", "金额": 100 * k + number} for k in range(1, 13)
            ],
            "设备": [{"名称": f"设备 {k}", "数量": k, "金额": 10 * k + number} for k in range(1, 9)],
        }
        for number in range(count)
    ]


def check_equal(files: Mapping[str, bytes]) -> None:
    """Raise unless every document has the same texts as xltool's."""
    wanted = list(texts(files[OURS]))
    for name, data in files.items():
        if (found := list(texts(data))) != wanted:
            differ = [f"{a} ≠ {b}" for a, b in zip(found, wanted) if a != b][:3] or [f"{len(found)} ≠ {len(wanted)}"]
            raise AssertionError(f"{name}: " + "; ".join(differ))


def texts(data: bytes) -> Iterator[str]:
    document = docx.Document(io.BytesIO(data))
    yield from (paragraph.text for paragraph in document.paragraphs)
    yield from (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    section = document.sections[0]
    yield from (paragraph.text for part in (section.header, section.footer) for paragraph in part.paragraphs)
