"""Commands about what counties hand in: the workbook they fill, what a file holds, many files made one list."""
from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from .options import FOLDER, PATH, WORKBOOK, chosen_edition, city_name_of, common_option, edition_option


@click.group()
def template() -> None:
    """生成填报模板，检查自己的模板。"""


@template.command()
@edition_option
@click.option("--programs", metavar="项目", default="", help="只要这些项目：编号或全称，用逗号分开；组就是组里的全部项目。不写就是能申报的全部项目。")
@click.option("--city", metavar="设区市", default="", callback=city_name_of, help="县（市、区）的下拉选项只列这个市的；不写就列全省的。")
@click.option("--rows", metavar="行数", default=100, show_default=True, type=click.IntRange(1, 2000), help="每张表可填几个项目。")
@click.option("-o", "--out", metavar="OUT.xlsx", type=WORKBOOK, required=True, help="填报模板写到哪里。")
@common_option
def make(edition: str | None, programs: str, city: str, rows: int, out: Path, common: bool) -> None:
    """生成发给县（市、区）的填报模板：一个项目类别一张表，有下拉选项、填写提示和随填随算的核对。"""
    from ..output.files import write_whole
    from ..output.submission import chosen_programmes, regions, submission_workbook
    chosen = chosen_edition(edition, common)
    programmes = chosen_programmes(chosen, re.split("[,，;；]", programs))
    write_whole(out, submission_workbook(chosen, programmes, rows, regions(city)))
    click.echo(f"已写 {out}：{len(programmes)} 张表，每张可填 {rows} 个项目。")


@template.command()
@click.argument("file", metavar="FILE.docx|FILE.xlsx", type=PATH)
@edition_option
@click.option("--list", "project_list", metavar="LIST.xlsx", type=PATH, help="用这份清单的第一个项目作例子；不写就用自带的虚构样例。")
def check(file: Path, edition: str | None, project_list: Path | None) -> None:
    """检查自己的 Word 或 Excel 模板：列出每个标签在哪里、会填进什么，写错的名称给出最接近的。

    用法和可用的名称见手册“自己的模板”。
    """
    from ..output.papers.own_template import check_template
    known, lines = check_template(file, chosen_edition(edition), project_list)
    click.echo("\n".join(lines))
    sys.exit(not known)


@click.command()
@click.argument("file", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="以JSON输出，供程序使用。")
@click.option("--password", metavar="密码", help="文件加了密时的密码。")
def read(file: Path, as_json: bool, password: str | None) -> None:
    """看一个文件里有哪些表：表头、数据、合计和说明各在第几行，每列的单位、类型和合计。

    .xlsx .xlsm .xls .xlsb .ods .et .csv 都能读，看内容不看后缀；列名是不是指南里的都行，文件不会改动。
    """
    import json

    from ..intake.reading import read_file, reading_lines
    seen = read_file(file, password)
    click.echo(json.dumps(seen, ensure_ascii=False) if as_json else "\n".join(reading_lines(seen)))
    sys.exit(bool(seen["problems"]))


@click.command()
@click.argument("sources", metavar="FILES|FOLDER", nargs=-1, required=True, type=PATH)
@edition_option
@common_option
@click.option("-o", "--out", metavar="汇总.xlsx", type=WORKBOOK, required=True, help="汇总写到哪里；可以直接用于 batch。")
@click.option("--returns", metavar="DIR", type=FOLDER, help="把有问题的报送件标好错误写到这个文件夹，退给县（市、区）。")
@click.option("--history", metavar="历年立项.xlsx", type=PATH, help="以前立过项的项目：列出重复的。")
@click.option("--allotment", metavar="名额.xlsx", type=PATH, help="各县（市、区）的名额：列出超额的。")
@click.option("--city", metavar="设区市", default="", callback=city_name_of, help="报送件应属于哪个设区市。")
@click.option("--password", metavar="密码", help="报送件加了密时的密码。")
@click.option("--every-cell", is_flag=True, help="另加一张“逐格来源”：每个值出自哪个文件的哪一格，原文是什么。")
def merge(sources: tuple[Path, ...], edition: str | None, common: bool, out: Path, returns: Path | None, history: Path | None,
          allotment: Path | None, city: str, password: str | None, every_cell: bool) -> None:
    """把各县（市、区）的报送件汇成一份清单：什么格式都读，每行写明出处，重复的、超额的、读不出的都列出来。"""
    from ..intake.merging import merge as merge_files
    from ..intake.merging import submission_files
    from ..intake.registers import read_allotments, read_history
    from ..output.files import write_whole
    from ..output.merged import check_merged, keep_originals, merged_lines, merged_workbook, returned
    from ..output.returns import clear_earlier
    chosen = chosen_edition(edition, common)
    keep_originals(out, sources)
    files = submission_files(sources, leave_out=filter(None, (out, returns)))
    merged = merge_files(files, chosen, password, read_history(history, chosen) if history else (),
                         read_allotments(allotment, chosen) if allotment else ())
    report = check_merged(merged, city)
    write_whole(out, merged_workbook(report, every_cell))
    click.echo("\n".join([*merged_lines(report), f"已写 {out}。"]))
    if returns:
        sent = returned(report, returns, password)
        click.echo(f"退回 {len(sent)} 个文件，写在 {returns}。")
        earlier = clear_earlier(returns, sent)
        if earlier.removed:
            click.echo(f"以前退回、这次没有问题的，已删去副本：{'、'.join(earlier.removed)}")
        if earlier.left:
            click.echo(f"{returns} 里还有不是这次写的（以前的，或改动过的），没有动，请核对：{'、'.join(earlier.left)}")
    sys.exit(any(not each.reader for each in merged.submissions))
