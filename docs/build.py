"""Builds what the manual takes from the program itself: commands, sheets and problem codes, and pictures of real output.

    python docs/build.py            # docs/cli.md, docs/guideline-workbook.md, docs/problems.md
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
import openpyxl

from xltool.cli import main
from xltool.guideline.bundle import edition
from xltool.guideline.sheets import SHEETS, Column
from xltool.hosts.estimator import Given, Project, estimator_workbook
from xltool.hosts.libreoffice.build import build as build_addin
from xltool.rules import problems, read_facts

DOCS = Path(__file__).resolve().parent

# picture: (command, one of the files it writes as a pattern, page, dots per inch)
DEMO, DIFF = "demo demo", "guideline diff 2024 2026 -o 对照.xlsx"
RETURN = f"merge {DOCS.parent}/workbooks/samples/盐城市2026年项目清单.xlsx --edition 2026 -o 汇总.xlsx --returns 退回"
TEMPLATE = "template make --edition 2026 --programs 2026P1-1 --city 盐城市 --rows 12 -o 填报模板.xlsx"
MATCH = f"match {DOCS.parent}/workbooks/samples/企业可申报样例.xlsx --edition 2026 -o 可申报.xlsx"
IMAGES = {
    "summary-table": (DEMO, "demo/2023年/汇总表/附件2-1*.xlsx", 1, 90),
    "performance-form": (DEMO, "demo/2026年/绩效目标申报表/*/* *.xlsx", 1, 70),
    "report-overview": (DEMO, "demo/2026年/核查报告.xlsx", 1, 70),
    "edition-diff": (DIFF, "对照.xlsx", 1, 80),
    "returned-copy": (RETURN, "退回/*.xlsx", 1, 70),
    "submission-template": (TEMPLATE, "填报模板.xlsx", 2, 80),
    "match-report": (MATCH, "可申报.xlsx", 2, 80),
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


PAGES = {"cli.md": cli_reference, "guideline-workbook.md": workbook_reference, "problems.md": problem_reference}


def images() -> None:
    """Pages of the workbooks that commands write, as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for command in dict.fromkeys(command for command, *_ in IMAGES.values()):
            subprocess.run([sys.executable, "-c", "from xltool.cli import main; main()", *command.split()], check=True, cwd=work,
                           stdout=subprocess.DEVNULL)
        for name, (_, pattern, page, resolution) in IMAGES.items():
            source = sorted(work.glob(pattern))[0]
            subprocess.run(["soffice", f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
                            "--outdir", str(work / name), str(source)], check=True, capture_output=True)
            subprocess.run(["pdftoppm", "-png", "-singlefile", "-f", str(page), "-r", str(resolution),
                            str(next((work / name).glob("*.pdf"))), str(DOCS / "images" / name)], check=True)


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
    if "--images" in sys.argv:
        images()
        estimator()
        libreoffice()
        task_pane()
