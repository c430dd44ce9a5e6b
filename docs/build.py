"""Builds what the manual takes from the program itself: commands, sheets and problem codes, and pictures of real output.

    python docs/build.py            # docs/cli.md, docs/guideline-workbook.md, docs/problems.md, docs/template-names.md
    python docs/build.py --examples # and the templates of docs/examples/
    python docs/build.py --images   # and docs/images/, with LibreOffice and pdftoppm, and Chromium
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import click
import docx
import openpyxl
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from xltool.cli import main
from xltool.guideline.bundle import edition, edition_ids
from xltool.guideline.sheets import SHEETS, Column
from xltool.hosts.estimator import Given, Project, estimator_workbook
from xltool.hosts.libreoffice.build import build as build_addin
from xltool.output.papers.context import CONTEXT_NAMES, identifier
from xltool.rules import problems, read_facts

DOCS = Path(__file__).resolve().parent

# picture: (command, one of the files it writes as a pattern, page, dots per inch)
DEMO, DIFF = "demo demo", "guideline diff 2024 2026 -o 对照.xlsx"
LISTS = {name: f"{DOCS.parent}/workbooks/samples/盐城市{name}年项目清单.xlsx" for name in ("2023", "2026")}
RETURN = f"merge {LISTS['2026']} --edition 2026 -o 汇总.xlsx --returns 退回"
TEMPLATE = "template make --edition 2026 --programs 2026P1-1 --city 盐城市 --rows 12 -o 填报模板.xlsx"
MATCH = f"match {DOCS.parent}/workbooks/samples/企业可申报样例.xlsx --edition 2026 -o 可申报.xlsx"
PACK = f"batch {LISTS['2023']} --edition 2023 --out 包 --city 盐城市 --letters 全部 --template {DOCS}/examples/函.docx --zip"
BIND = f"batch {LISTS['2026']} --edition 2026 --out 册 --city 盐城市 --pdf --book"
SELECT = "select 评审.xlsx --edition 2026 --budget 9000 --score 得分 -o 方案.xlsx"
LETTERS = "包/资料包/按县（市、区）/{0}/{1}/{0}/{2} *.docx"
IMAGES = {
    "summary-table": (DEMO, "demo/2023年/汇总表/附件2-1*.xlsx", 1, 90),
    "performance-form": (DEMO, "demo/2026年/绩效目标申报表/*/* *.xlsx", 1, 70),
    "report-overview": (DEMO, "demo/2026年/核查报告.xlsx", 1, 70),
    "edition-diff": (DIFF, "对照.xlsx", 1, 80),
    "returned-copy": (RETURN, "退回/*.xlsx", 1, 70),
    "submission-template": (TEMPLATE, "填报模板.xlsx", 2, 80),
    "match-report": (MATCH, "可申报.xlsx", 2, 80),
    "task-book": (PACK, LETTERS.format("东台市", "任务书", "001"), 3, 70),
    "own-letter": (PACK, LETTERS.format("建湖县", "函", "006"), 1, 60),
    "package-index": (PACK, "包/资料包/按方向/智能化改造数字化转型/索引.xlsx", 1, 90),
    "booklet": (BIND, "册/绩效目标申报表.pdf", 2, 60),
    "selection-limits": (SELECT, "方案.xlsx", 7, 80),
    "selection-trial": (SELECT, "方案.xlsx", 8, 80),
}


def cli_reference() -> str:
    """The help of every command, as Markdown."""
    parts = ["# 命令参考\n", "本页由 `python docs/build.py` 从各命令的 `--help` 生成。\n"]
    for context in _contexts(main, None, "xltool"):
        parts.append(f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n")
    return "\n".join(parts)


def _contexts(command: click.Command, parent: click.Context | None, name: str) -> list[click.Context]:
    context = command.make_context(name, [], parent, resilient_parsing=True, terminal_width=100, max_content_width=100)
    children = getattr(command, "commands", {})
    return [context, *(found for child in children for found in _contexts(children[child], context, child))]


_KINDS = {"text": "文字", "list": "一行一个", "formula": "Excel公式", "number": "数", "integer": "整数", "date": "日期", "choice": "选项"}


def workbook_reference() -> str:
    """Every sheet and column of a guideline workbook, as Markdown."""
    parts = ["# 指南工作簿的表和列\n", "本页由 `python docs/build.py` 从程序里的表格定义生成。工作簿里每个表头上也有同样的批注。\n"]
    for sheet, columns in SHEETS.items():
        rows = "\n".join(f"| {column.title} | {_kind(column)} | {'是' if column.required else ''} | {column.note} |" for column in columns)
        parts.append(f"## {sheet}\n\n| 列 | 内容 | 必填 | 说明 |\n|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _kind(column: Column) -> str:
    return "、".join(column.choices) if column.choices else _KINDS[column.kind]


def problem_reference() -> str:
    """The tree of problem codes, as Markdown."""
    tree = (problems.__doc__ or "").split("::\n\n")[1]
    lines = "\n".join(line[4:] for line in tree.rstrip().splitlines())
    return (f"# 问题代码\n\n本页由 `python docs/build.py` 从 `xltool/rules/problems.py` 生成。每个问题都写明在哪里、发现了什么、应为什么、怎么改。"
            f"\n\n```text\n{lines}\n```\n")


def names_reference() -> str:
    """Every name a template can use, as Markdown; facts only by their rule, there are hundreds."""
    editions = [edition(name) for name in edition_ids()]
    columns = {name: field for each in editions for name, field in each.columns.items()}
    computed = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in CONTEXT_NAMES.items())
    listed = "\n".join(f"| `{identifier(name)}` | {name} | {field.unit or field.kind} | {_where(name, editions)} |"
                       for name, field in columns.items())
    presets = "\n".join(f"| `{identifier(name)}` | {text} | {each.id}版{document.number}{document.name} |"
                        for each in editions for document in each.documents for name, text in document.presets.items())
    return (f"# 模板里可用的名称\n\n本页由 `python docs/build.py` 从程序里的定义生成。用法见[自己的模板](templates.md)。\n\n"
            f"## 算出来的\n\n| 名称 | 是什么 |\n|---|---|\n{computed}\n\n"
            f"## 清单的列\n\n| 名称 | 清单里的列 | 单位或类型 | 哪几版 |\n|---|---|---|---|\n{listed}\n\n"
            f"## 文书的固定内容\n\n| 名称 | 内容 | 出处 |\n|---|---|---|\n{presets}\n")


def _where(name: str, editions: list) -> str:
    own = [each.id for each in editions if name in each.columns]
    return "各版" if len(own) == len(editions) else "、".join(own)


PAGES = {"cli.md": cli_reference, "guideline-workbook.md": workbook_reference, "problems.md": problem_reference,
         "template-names.md": names_reference}

LETTER = (
    "关于“{{ 申报项目名称 }}”申报材料的函", "{{ 单位名称 }}：",
    "　　你单位申报{{ 项目类别 }}（{{ 项目编号 }}）的材料收悉。{% if 项目申请补助资金 is not none %}申请补助{{ 项目申请补助资金|元 }}元"
    "（大写：{{ 项目申请补助资金|大写 }}）。{% endif %}",
    "{%p if 缺少 %}", "　　经核对，下列内容还缺，请补齐：",
    "{%p for 项 in 缺少 %}", "　　{{ loop.index }}. {{ 项 }}{{ \"。\" if loop.last else \"；\" }}", "{%p endfor %}",
    "{%p else %}", "　　经核对，内容齐全，初步结论：{{ 结论 }}。", "{%p endif %}",
    "{%p if 进度计划 %}", "　　实施进度计划如有变化，请一并更正：",
)
STAGES = (("起止时间", "项目建设内容", "投入总额（万元）"), ("{%tr for 段 in 进度计划 %}", "", ""),
          ("{{ 段.起止时间 }}", "{{ 段.项目建设内容 }}", "{{ 段.投入总额 }}"), ("{%tr endfor %}", "", ""))
ENDING = ("{%p endif %}", "　　联系：{{ 联系.市处室 or \"工业和信息化局\" }}{% if 联系.市电话 %}，{{ 联系.市电话 }}{% endif %}。",
          "{{ 今天|年月日 }}")
OVERVIEW = (("{{ 年度 }}年度申报项目一览（{{ 项目清单|length }}个，{{ 今天|年月日 }}）",),
            ("县（市、区）", "单位名称", "项目名称", "结论", "申请（万元）", "可补助（万元）"),
            ("{%tr for p in 项目清单 %}",),
            ("{% vm %}{{ p.县市区 }}", "{{ p.单位名称 }}", "{{ p.申报项目名称 }}", "{{ p.结论 }}", "{{ p.项目申请补助资金 }}", "{{ p.补助 }}"),
            ("{%tr endfor %}",), ("合计", None, None, None, "=SUM(E4:E4)", "=SUM(F4:F4)"))


def examples() -> None:
    """Templates as a bureau would make them, in Word and in Excel."""
    document = docx.Document()
    document.sections[0].page_width, document.sections[0].page_height = Mm(210), Mm(297)
    document.styles["Normal"].font.name = "宋体"
    for text in LETTER:
        document.add_paragraph(text)
    document.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    table = document.add_table(0, len(STAGES[0]), "Table Grid")
    for texts in STAGES:
        for cell, text in zip(table.add_row().cells, texts):
            cell.text = text
    for text in ENDING:
        document.add_paragraph(text)
    document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.save(DOCS / "examples" / "函.docx")
    book = openpyxl.Workbook()
    for texts in OVERVIEW:
        book.active.append(texts)
    for column, width in zip("ABCDEF", (13, 36, 44, 9, 13, 13)):
        book.active.column_dimensions[column].width = width
    book.save(DOCS / "examples" / "一览.xlsx")


def images() -> None:
    """Pages of what commands write, as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _scored(work / "评审.xlsx")
        for command in dict.fromkeys(command for command, *_ in IMAGES.values()):
            # A list with problems ends with 1; what was not written is missed below.
            subprocess.run([sys.executable, "-c", "from xltool.cli import main; main()", *command.split()], cwd=work, stdout=subprocess.DEVNULL)
        for archive in work.rglob("*.zip"):
            shutil.unpack_archive(archive, archive.with_suffix(""))
        for name, (_, pattern, page, resolution) in IMAGES.items():
            pdf = source = sorted(work.glob(pattern))[0]
            if source.suffix != ".pdf":
                subprocess.run(["soffice", f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
                                "--outdir", str(work / name), str(source)], check=True, capture_output=True)
                pdf = next((work / name).glob("*.pdf"))
            subprocess.run(["pdftoppm", "-png", "-singlefile", "-f", str(page), "-r", str(resolution), str(pdf), str(DOCS / "images" / name)],
                           check=True)


def _scored(path: Path) -> None:
    """The sample list with scores, as if experts had given them."""
    book = openpyxl.load_workbook(LISTS["2026"])
    for sheet in book:
        column = sheet.max_column + 1
        sheet.cell(4, column, "得分")
        for row in range(5, sheet.max_row + 1):
            if isinstance(sheet.cell(row, 1).value, int):
                sheet.cell(row, column, 70 + row * 7 % 26)
    book.save(path)


def libreoffice() -> None:
    """The sheets of the example for LibreOffice, calculated by the add-in, as PNG. soffice gets a clean environment (see tests/calc.py)."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with ZipFile(BytesIO(build_addin())) as archive:
            archive.extractall(work / "addins" / "xltool")
        options = [f"-env:UserInstallation={(work / 'profile').as_uri()}", f"-env:BUNDLED_EXTENSIONS={(work / 'addins').as_uri()}"]
        clean = {"HOME": str(work), "PATH": os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))}
        subprocess.run(["soffice", *options, "--headless", "--convert-to", "pdf", "--outdir", str(work), str(DOCS / "examples" / "libreoffice.fods")],
                       check=True, capture_output=True, env=clean)
        for page, name in enumerate(("libreoffice-list", "libreoffice-formulas"), 1):
            subprocess.run(["pdftoppm", "-png", "-singlefile", "-f", str(page), "-r", "75", str(work / "libreoffice.pdf"),
                            str(DOCS / "images" / name)], check=True)


def task_pane() -> None:
    """The task pane of Excel on the web in Chromium, as PNG; the tests' stand-in plays Office."""
    from playwright.sync_api import sync_playwright
    port = "8017"
    command = [sys.executable, "-u", "-c", "from xltool.cli import main; main()", "serve", "--port", port]
    office = (DOCS.parent / "tests" / "office_stub.js").read_text(encoding="utf-8")
    environment = {**os.environ, "XLWINGS_LICENSE_KEY": "noncommercial"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as server, sync_playwright() as driver:
        while "Ctrl+C" not in server.stdout.readline():
            pass
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 700})
        page.route("**/office-js/**/office.js", lambda route: route.fulfill(content_type="text/javascript", body=office))
        page.goto(f"http://127.0.0.1:{port}/taskpane.html")
        page.wait_for_selector("#help[xw-click-initialized]")
        page.screenshot(path=DOCS / "images" / "excel-web-pane.png", full_page=True)
        browser.close()
        server.terminate()


def estimator() -> None:
    """Pages of the estimator with the facts of some test cases typed in, as PNG."""
    chosen = edition("2026")
    cases = {}
    for case in chosen.cases:
        cases.setdefault(case.programme, []).append(read_facts(case.facts, chosen.programmes[case.programme])[0])
    stated = {chosen.programmes[name].own_name(fact): value for name in list(cases)[::2] for fact, value in cases[name][0].items()}
    stated |= {"2026P1-1:研发设备及配套软件购置额": 800.0, "2026P1-1:研发机构设立时间": None}
    firms = enumerate(zip("甲乙丙丁戊己庚辛壬癸", cases.items()))
    rows = [Project(name, f"{sign}公司", facts[at % len(facts)]) for at, (sign, (name, facts)) in firms]
    given = Given({name: value for name, value in stated.items() if value is not None}, rows)
    shown = {"cover": ("2026年度江苏省", 0), "page": ("2026P1-1", 0), "conditions": ("2026P1-1", 1), "comparison": ("对比", 0), "list": ("清单", 0)}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "测算.xlsx"
        source.write_bytes(estimator_workbook(chosen, given))
        _estimator_pictures(source, shown)
        book = openpyxl.load_workbook(source)
        book["清单"].print_area, book["清单"].print_title_cols = "L3:Q13", "A:C"  # the facts are on the screen, and not printed
        book.save(source.with_name("事实.xlsx"))
        _estimator_pictures(source.with_name("事实.xlsx"), {"facts": ("序号", 0)})


def _estimator_pictures(source: Path, shown: dict[str, tuple[str, int]]) -> None:
    """Pages as PNG, by what the page, or one so many before it, begins with."""
    subprocess.run(["soffice", f"-env:UserInstallation={(source.parent / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
                    "--outdir", str(source.parent), str(source)], check=True, capture_output=True)
    pdf = str(source.with_suffix(".pdf"))
    text = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True, encoding="utf-8").stdout
    for name, (start, after) in shown.items():
        page = after + next(number for number, words in enumerate(text.split("\f"), 1) if words.startswith(start))
        subprocess.run(["pdftoppm", "-png", "-singlefile", "-f", str(page), "-r", "80", pdf, str(DOCS / "images" / f"estimator-{name}")], check=True)


if __name__ == "__main__":
    for page, build in PAGES.items():
        (DOCS / page).write_text(build(), encoding="utf-8")
    if "--examples" in sys.argv:
        examples()
    if "--images" in sys.argv:
        images()
        estimator()
        libreoffice()
        task_pane()
