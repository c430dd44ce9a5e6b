"""Forms and letters printed to PDF by LibreOffice: xltool's converter, the usual script that calls soffice for each file, and one call for all.

All of them print the same contexts with the same LibreOffice, from the files' bytes to PDFs on disk or in memory; rendering the forms is timed
where a contender needs it. The usual script is timed with a few files and multiplied. Before anything is timed, the texts of all PDFs must be
equal form by form. Without LibreOffice there are no rows.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import form_layout as form
from measure import OURS, Job, Row, against, medians
from pypdf import PdfReader

from xltool.intake.office import clean_environment, program
from xltool.output.pdf import Converter, Part, merge
from xltool.output.template import Template

FORMS, LETTERS, SAMPLE, ROUNDS = (100, 500), (50, 100), 3, 3
MOST = 200  # files in one call of soffice
PROFILE = Path(tempfile.gettempdir()) / f"xltool-bench-{os.getpid()}"
CREATED = dt.datetime(2026, 3, 1, 9, 30)
ONE_JOB, EACH, ONCE = "xltool（1 个 LibreOffice）", "soffice 每份调用一次", "soffice 一次调用全部文件"
PRINTING, WRITING, BINDING = "打印：绩效表", "打印：公文", "打印：装订"
GROUPS = {
    PRINTING: "填表一节的那份表格，每份内容不同，从数据到每份一个 PDF；xltool 用 2 个 LibreOffice。计时前各家的 PDF 逐份比对文字。",
    WRITING: "每份三段文字的 .docx，每份一个 PDF。",
    BINDING: "把打印好的表装订成一个 PDF：书签、页码、字体合并。没有对手，目标是每份时间的上限。",
}

Files = Sequence[tuple[str, bytes]]


def run(quick: bool = False) -> list[Row]:
    """The rows of the report; none where there is no LibreOffice."""
    if program() is None:
        print("pdf: no soffice", file=sys.stderr)
        return []
    rounds, form_counts, letter_counts = (1, (20,), (10,)) if quick else (ROUNDS, FORMS, LETTERS)
    try:
        rows = [row for count in form_counts for row in forms(count, rounds)]
        rows += [row for count in letter_counts for row in letters(count, rounds)]
        return [*rows, binding(form_counts[0], rounds)]
    finally:
        shutil.rmtree(PROFILE, ignore_errors=True)


def forms(count: int, rounds: int) -> list[Row]:
    """Milliseconds per form."""
    items = [(f"表{number}", context) for number, context in enumerate(form.contexts(count), 1)]
    template = Template.load(form.template_bytes(form.OURS))
    sheets = partial(converted, lambda converter: converter.sheets(items, template.book))

    def files(some: Sequence[tuple[str, form.Context]] = items) -> Files:
        return [(f"{name}.xlsx", template.render(context)) for name, context in some]
    makers = {OURS: partial(sheets, 2), ONE_JOB: partial(sheets, 1), ONCE: lambda: at_once(files())}
    return compared(PRINTING, count, rounds, makers, lambda: each(files(items[:SAMPLE])))


def letters(count: int, rounds: int) -> list[Row]:
    """Milliseconds per letter."""
    files = [(f"{number}.docx", letter(number)) for number in range(1, count + 1)]
    ours = partial(converted, lambda converter: converter.files(files))
    makers = {OURS: partial(ours, 2), ONE_JOB: partial(ours, 1), ONCE: lambda: at_once(files)}
    return compared(WRITING, count, rounds, makers, lambda: each(files[:SAMPLE]))


def compared(group: str, count: int, rounds: int, makers: Mapping, usual) -> list[Row]:
    wanted = texts(usual())
    for name, make in makers.items():
        found = texts(make())
        if found[:SAMPLE] != wanted or len(found) != count:
            raise AssertionError(f"{name}: the texts differ")
    jobs = {**{name: Job(make, per=count) for name, make in makers.items()}, EACH: Job(usual, per=SAMPLE)}
    return against(group, f"{count} 份，每份", medians(jobs, rounds, warm_up=False), {EACH: 20.0 if group == PRINTING else 8.0})


def binding(count: int, rounds: int) -> Row:
    items = [(f"表{number}", context) for number, context in enumerate(form.contexts(count), 1)]
    template = Template.load(form.template_bytes(form.OURS))
    parts = [Part(name, pdf) for (name, _), pdf in zip(items, converted(lambda c: c.sheets(items, template.book), 1))]
    bound = merge(parts, "申报表", CREATED)
    found = medians({OURS: Job(lambda: merge(parts, "申报表", CREATED), per=count)}, rounds)
    note = f"每份一个文件平均 {sum(len(part.pdf) for part in parts) / count / 1000:.0f} KB，装订后每份 {len(bound) / count / 1000:.0f} KB"
    return Row(BINDING, f"{count} 份，每份", "", found[OURS], reach=0.02, note=note)


# --- contenders ---


def converted(results, jobs: int) -> list[bytes]:
    with Converter(CREATED, jobs) as converter:
        return list(results(converter))


def each(files: Files) -> list[bytes]:
    """As scripts do: a call for each file."""
    return [pdf for file in files for pdf in at_once([file])]


def at_once(files: Files) -> list[bytes]:
    """As few calls as soffice takes, in one profile that stays as it is: given more than about 250 files it loses some without a word."""
    return [pdf for start in range(0, len(files), MOST) for pdf in in_one_call(files[start : start + MOST])]


def in_one_call(files: Files) -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="xltool-bench-") as name:
        folder = Path(name)
        for file, data in files:
            (folder / file).write_bytes(data)
        command = [str(program()), f"-env:UserInstallation={PROFILE.as_uri()}", "--headless", "--convert-to", "pdf", "--outdir", name]
        subprocess.run([*command, *(str(folder / file) for file, _ in files)], env=clean_environment(os.environ), check=True, capture_output=True)
        return [(folder / file).with_suffix(".pdf").read_bytes() for file, _ in files]


def texts(pdfs: Iterable[bytes]) -> list[str]:
    return ["".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages) for pdf in pdfs]


def letter(number: int) -> bytes:
    """A .docx of three paragraphs."""
    main, stream = "http://schemas.openxmlformats.org/", io.BytesIO()
    words = [f"关于下达第{number}批项目的通知", f"江苏示例{number}公司：", "现将资金计划下达给你们，请按规定使用，专款专用，按时报送绩效。" * 5]
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in words)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{main}package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{main}package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{main}officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{main}wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()
