"""Commands that answer a question: which programmes, which conditions, how much, until when, how many places."""
from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import CALENDAR, PATH, WORKBOOK, chosen_edition, common_option, edition_option

if TYPE_CHECKING:
    from ..rules.model import Edition


@click.command()
@edition_option
@click.option("--find", metavar="文字", help="只列编号、名称、方向里有这几个字的项目。")
def programs(edition: str | None, find: str | None) -> None:
    """列出各版指南的项目。"""
    from ..guideline.show import programme_lines
    lines = programme_lines(edition, find or "")
    click.echo("\n".join(lines) if lines else "没有符合的项目。")
    sys.exit(not lines)


@click.command()
@click.argument("programme")
@edition_option
@common_option
def show(programme: str, edition: str | None, common: bool) -> None:
    """显示一个项目：条件、补助、名额、材料、评审要点、绩效表、需要的事实。PROGRAMME 是编号或全称。"""
    from ..guideline.bundle import find_programme
    from ..guideline.show import programme_page
    found = find_programme(programme, edition)
    chosen = chosen_edition(edition if edition and edition.lower().endswith(".xlsx") else found.edition, common)
    click.echo(programme_page(chosen.programmes[found.id], chosen))


@click.command()
@click.argument("facts", type=PATH)
@edition_option
@common_option
@click.option("-o", "--out", type=WORKBOOK, help="FACTS 是工作簿时，结果工作簿写到哪里（默认在旁边加“-结果”）。")
def assess(facts: Path, edition: str | None, common: bool, out: Path | None) -> None:
    """核对条件、计算补助。FACTS 是 .jsonl（一行一个项目，- 为标准输入）或 .xlsx 项目清单。"""
    if facts.suffix.lower() == ".xlsx":
        from ..output.answers import write_answers
        target = out or facts.with_name(f"{facts.stem}-结果.xlsx")
        problems = write_answers(facts, chosen_edition(edition, common), target)
        click.echo(f"已写 {target}，问题 {problems} 个。")
        sys.exit(bool(problems))
    from ..output.lines import assess_lines
    sys.exit(_print_lines(facts, lambda lines: assess_lines(lines, edition, common)))


@click.command()
@click.argument("enterprise", type=PATH)
@edition_option
@common_option
@click.option("-o", "--out", type=WORKBOOK, help="ENTERPRISE 是工作簿时，结果工作簿写到哪里（默认在旁边加“-可申报”）。")
@click.option("--ics", type=CALENDAR, help="把还能申报的项目的申报时间写成日历文件（.ics）。")
def match(enterprise: Path, edition: str | None, common: bool, out: Path | None, ics: Path | None) -> None:
    """一户企业（或一个项目）能报哪些项目：结论、上限、首付、还缺什么、哪些不能同时报、最佳组合。

    ENTERPRISE 是 .xlsx（一户一行，或左边一列名称、右边一列数值）或 .jsonl（一行一户：{"id","facts"}，- 为标准输入）。
    """
    chosen = chosen_edition(edition, common)
    possible: set[str] = set()
    if enterprise.suffix.lower() == ".xlsx":
        from ..output.files import write_whole
        from ..output.matches import match_text, match_workbook, render_matches, summary
        target = out or enterprise.with_name(f"{enterprise.stem}-可申报.xlsx")
        matches = match_workbook(enterprise, chosen)
        write_whole(target, render_matches(matches))
        for found in matches.found[:1] if len(matches.found) == 1 else ():
            click.echo("\n".join(match_text(*found, chosen)))
        click.echo(f"{summary(matches)}\n已写 {target}。")
        possible.update(programme.id for programme in matches.programmes)
        failed = bool(matches.problem_count)
    else:
        from ..output.lines import match_lines, possible_programmes
        failed = _print_lines(enterprise, lambda lines: possible_programmes(match_lines(lines, chosen), possible))
    if ics:
        _write_ics(ics, [chosen], possible)
    sys.exit(failed)


@click.command()
@edition_option
@click.option("--ics", type=CALENDAR, help="写成日历文件（.ics），可以导入手机和电脑的日历。")
def calendar(edition: str | None, ics: Path | None) -> None:
    """列出各版文件写明的申报时间，截止早的在前。不写版本就列全部。"""
    from ..guideline.bundle import edition_ids
    from ..guideline.calendar import calendar_lines
    chosen = [chosen_edition(name) for name in ([edition] if edition else edition_ids())]
    click.echo("\n".join(line for each in chosen for line in calendar_lines(each)))
    if ics:
        _write_ics(ics, chosen)


def _write_ics(path: Path, editions: list[Edition], only: set[str] | None = None) -> None:
    from ..guideline.calendar import ics
    from ..output.files import write_whole
    write_whole(path, ics(editions, only))
    click.echo(f"已写 {path}。", err=True)


@click.command()
@click.argument("cases", type=PATH)
@edition_option
def quota(cases: Path, edition: str | None) -> None:
    """计算名额剩余。CASES 是 .jsonl，一行一个：{"id","program","selected":[{"part","n"}]}（- 为标准输入）。"""
    from ..output.lines import quota_lines
    sys.exit(_print_lines(cases, lambda lines: quota_lines(lines, edition)))


def _print_lines(path: Path, answer: Callable[[Iterable[str]], Iterator[dict]]) -> bool:
    """Print one JSON line per input line; True when any line was an error."""
    failed = False
    try:
        with click.open_file(str(path), encoding="utf-8-sig") as lines:
            for result in answer(lines):
                failed |= "error" in result
                click.echo(json.dumps(result, ensure_ascii=False))
    except UnicodeDecodeError:
        raise click.ClickException(f"{path}：不是 UTF-8 的文字，不能当作 .jsonl 读；请给 .jsonl 文件，或看这个命令的 --help") from None
    return failed
