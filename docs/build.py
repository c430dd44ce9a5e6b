"""Builds what the manual takes from the program itself: commands, sheets and problem codes, and pictures of real output.

    python docs/build.py            # docs/cli.md, docs/guideline-workbook.md, docs/problems.md
    python docs/build.py --images   # and docs/images/, with LibreOffice and pdftoppm
"""
from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import click

from xltool.cli import main
from xltool.guideline.sheets import SHEETS, Column
from xltool.rules import problems

DOCS = Path(__file__).resolve().parent

# picture: (command, one of the files it writes as a pattern, page, dots per inch)
DEMO, DIFF = "demo demo", "guideline diff 2024 2026 -o 对照.xlsx"
RETURN = f"merge {DOCS.parent}/workbooks/samples/盐城市2026年项目清单.xlsx --edition 2026 -o 汇总.xlsx --returns 退回"
TEMPLATE = "template --edition 2026 --programs 2026P1-1 --city 盐城市 --rows 12 -o 填报模板.xlsx"
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


if __name__ == "__main__":
    for page, build in PAGES.items():
        (DOCS / page).write_text(build(), encoding="utf-8")
    if "--images" in sys.argv:
        images()
