"""The command `select`: parse, call one library function, print, exit code."""
from __future__ import annotations

import sys
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("source", metavar="LIST.xlsx|FOLDER", type=_PATH)
@click.option("--edition", metavar="版本", required=True, help="指南版本，如 2026、2023，或一个指南工作簿的路径。")
@click.option("--budget", metavar="万元", type=float, help="选中项目的金额合计不超过多少万元；不写就不限。")
@click.option("--score", metavar="列名", help="使这一列（如 得分）的合计最大；不写就使金额合计最大。")
@click.option("--allotment", metavar="名额.xlsx", type=_PATH, help="各县（市、区）或设区市的名额。")
@click.option("--include", metavar="项目", multiple=True, help="必选的项目：序号或项目名称，可以写几次。")
@click.option("--exclude", metavar="项目", multiple=True, help="不选的项目：序号或项目名称，可以写几次。")
@click.option("--common", is_flag=True, help="合用管理办法的共同条件（2024年12月1日起至2028年），条件号以“办法”开头。")
@click.option("--password", metavar="密码", help="清单或报送件加了密时的密码。")
@click.option("-o", "--out", metavar="方案.xlsx", type=_PATH, help="方案写到哪里（默认在清单旁边加“-遴选”）。")
def select(source: Path, edition: str, budget: float | None, score: str | None, allotment: Path | None, include: tuple[str, ...],
           exclude: tuple[str, ...], common: bool, password: str | None, out: Path | None) -> None:
    """在名额和预算之内选项目：总分（或总金额）最大的选法，每条限制卡了多少，没选上的为什么，换谁要多少代价，还有一张可以自己改的试算表。"""
    from .guideline.bundle import edition as load_edition
    from .guideline.bundle import under_common_conditions
    from .output.files import write_whole
    from .output.selection import render_selection, select_projects, selection_lines
    chosen = load_edition(edition)
    selection = select_projects(source, under_common_conditions(chosen) if common else chosen, budget=budget, score=score, allotment=allotment,
                                include=include, exclude=exclude, password=password)
    target = out or source.with_name(f"{source.stem}-遴选.xlsx")
    write_whole(target, render_selection(selection))
    click.echo("\n".join([*selection_lines(selection), f"已写 {target}；问题 {selection.problem_count} 个。"]))
    sys.exit(bool(selection.problem_count))
