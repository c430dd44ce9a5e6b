"""Commands about the guideline workbooks themselves."""
from __future__ import annotations

import sys
from pathlib import Path

import click

from .options import PATH, WORKBOOK


@click.group()
def guideline() -> None:
    """检查和查看指南工作簿。"""


@guideline.command()
@click.argument("workbooks", nargs=-1, type=PATH)
def check(workbooks: tuple[Path, ...]) -> None:
    """检查指南工作簿的每个单元格，并运行全部用例；不写文件就检查自带的各版。"""
    from ..guideline.bundle import bundled, edition_ids
    from ..guideline.cases import run_cases
    from ..guideline.lineage import unknown_predecessors
    from ..guideline.read import read
    failed = False
    for path in workbooks or [bundled("workbooks") / f"guideline-{name}.xlsx" for name in edition_ids()]:
        edition, problems = read(path)
        problems = problems or [*unknown_predecessors(path), *run_cases(edition)]
        for problem in problems:
            click.echo(str(problem))
        computable = sum(programme.ceiling is not None for programme in edition.programmes.values())
        rules = sum(len(programme.conditions) for programme in edition.programmes.values())
        verdict = f"{len(problems)} 个问题" if problems else "没有问题"
        click.echo(f"{path.name}：{verdict}（{len(edition.programmes)} 个项目和组，{computable} 个可计算，{rules} 个条件，"
                   f"{len(edition.forms)} 张绩效表，{len(edition.cases)} 个用例）")
        failed |= bool(problems)
    sys.exit(failed)


@guideline.command()
@click.argument("workbook", type=PATH)
def dump(workbook: Path) -> None:
    """把指南工作簿写成便于比较的文字（也是 git 比较工作簿时用的）。"""
    from ..guideline.dump import dump_text
    click.echo(dump_text(workbook), nl=False)


@guideline.command()
@click.argument("workbook", type=PATH)
def tidy(workbook: Path) -> None:
    """把改过的指南工作簿重新排好版：列宽、行高、筛选、下拉选项、表头批注。内容不变，有问题的不排。"""
    from io import BytesIO

    from ..guideline.read import load
    from ..guideline.write import rows, write
    from ..output.files import write_whole
    load(workbook)
    data = BytesIO()
    write(rows(workbook), data)
    write_whole(workbook, data.getvalue())
    click.echo(f"已排好 {workbook}。")


@guideline.command()
@click.argument("old")
@click.argument("new")
@click.option("--list", "project_list", metavar="LIST.xlsx", type=PATH, help="项目清单：再列出每个项目在两版下的结论和金额，差多少，差在哪里。")
@click.option("-o", "--out", metavar="OUT.xlsx", type=WORKBOOK, help="同时写成工作簿：总览、变化、项目影响。")
def diff(old: str, new: str, project_list: Path | None, out: Path | None) -> None:
    """对照两版指南：哪些项目延续、改名、拆分、合并、新增、取消，门槛、比例、上限、名额、日期、绩效表各改了什么，出自哪一条。

    OLD、NEW 是版本（如 2024、2026），或一个指南工作簿的路径；谁先谁后都可以。
    """
    from ..guideline.diff import compare
    from ..guideline.lineage import linked_edition
    from ..guideline.side_by_side import diff_lines
    from ..output.comparison import impact_lines, render_comparison
    from ..output.files import write_whole
    from ..output.impact import assess_impact
    found = compare(linked_edition(old), linked_edition(new))
    impact = assess_impact(project_list, found) if project_list else None
    click.echo("\n".join([*diff_lines(found), *(["", *impact_lines(impact)] if impact else ())]))
    if out:
        write_whole(out, render_comparison(found, impact))
        click.echo(f"\n已写 {out}。")
    sys.exit(bool(impact and impact.problem_count))
