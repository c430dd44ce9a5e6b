"""Commands that write official files."""
from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from .options import FOLDER, PATH, WORKBOOK, Money, chosen_edition, city_name_of, common_option


@click.command()
@click.argument("project_list", metavar="LIST.xlsx", type=PATH)
@click.option("--edition", metavar="版本", required=True, help="指南版本，如 2026、2023，或一个指南工作簿的路径。")
@click.option("--out", metavar="DIR", type=FOLDER, required=True, help="写到哪个文件夹；再次运行会替换上次的结果。")
@click.option("--city", metavar="设区市", default="", callback=city_name_of, help="汇总表的地区，如 盐城市；不写就用清单里的设区市。")
@click.option("--letters", metavar="文书", default="",
              help="另写每个项目的文书：附件号或名称，用逗号分开，如 信用承诺书,任务书；“全部”就是这一版印发的全部。")
@click.option("--template", "templates", metavar="FILE", type=PATH, multiple=True,
              help="自己的 Word 或 Excel 模板，每个项目填一份（用到“项目清单”的，全部项目填一份）；可以写几次。先用 template check 检查。")
@click.option("--book", is_flag=True, help="绩效表放进一个工作簿，每个项目一张表。")
@click.option("--zip", "packed", is_flag=True, help="每个县（市、区）、每个方向各打一个压缩包，各有一份能点开文件的索引。")
@click.option("--pdf", is_flag=True, help="同时写成可以直接打印的 PDF（要装 LibreOffice）；和 --book 一起用就合成一本，带书签和页码。")
@click.option("--jobs", metavar="个数", default=1, show_default=True, type=click.IntRange(1, 64),
              help="同时开几个 LibreOffice 转 PDF（一个约用 500 MB 内存）；文书上千时也由这么多个进程一起写。")
@click.option("--html", is_flag=True, help="核查报告另写一份网页，用浏览器打开，可以筛选、排序。")
@click.option("--resume", is_flag=True, help="上次中断了就接着做，已经写好的文件不再写；结果和没有中断时一样。")
@click.option("--password", metavar="密码", help="清单或报送件加了密时的密码。")
@common_option
def batch(project_list: Path, edition: str, out: Path, common: bool, letters: str, book: bool, packed: bool, **options: object) -> None:
    """由项目清单生成汇总表、绩效目标申报表、文书、核查报告和 manifest.json。

    LIST.xlsx 是一份清单，或放着各县（市、区）报送件的文件夹。
    """
    from ..output.batch.run import BOOK, FILES, ZIP, Order, run_batch
    from ..output.console import batch_lines, interrupted, progress_bar
    names = tuple(filter(None, re.split("[,，、;； ]+", letters)))
    if book and packed:
        raise click.UsageError("--book 和 --zip 只能用一个：合成一本，或者打包")
    order = Order(forms=BOOK if book else ZIP if packed else FILES, letters=names, **options)
    with interrupted(out), progress_bar() as progress:
        made = run_batch(project_list, chosen_edition(edition, common), out, order, progress)
    click.echo("\n".join(batch_lines(made)))
    sys.exit(bool(made.unprinted))


@click.command()
@click.argument("source", metavar="LIST.xlsx|FOLDER", type=PATH)
@click.option("--edition", metavar="版本", required=True, help="指南版本，如 2026、2023，或一个指南工作簿的路径。")
@click.option("--budget", metavar="万元", type=Money(), help="选中项目的金额合计不超过多少万元；不写就不限。")
@click.option("--score", metavar="列名", help="使这一列（如 得分）的合计最大；不写就使金额合计最大。")
@click.option("--allotment", metavar="名额.xlsx", type=PATH, help="各县（市、区）或设区市的名额。")
@click.option("--include", metavar="项目", multiple=True, help="必选的项目：序号或项目名称，可以写几次。")
@click.option("--exclude", metavar="项目", multiple=True, help="不选的项目：序号或项目名称，可以写几次。")
@common_option
@click.option("--password", metavar="密码", help="清单或报送件加了密时的密码。")
@click.option("-o", "--out", metavar="方案.xlsx", type=WORKBOOK, help="方案写到哪里（默认在清单旁边加“-遴选”）。")
def select(source: Path, edition: str, budget: float | None, score: str | None, allotment: Path | None, include: tuple[str, ...],
           exclude: tuple[str, ...], common: bool, password: str | None, out: Path | None) -> None:
    """在名额和预算之内选项目：总分（或总金额）最大的选法，每条限制卡了多少，没选上的为什么，换谁要多少代价，还有一张可以自己改的试算表。"""
    from ..output.files import write_whole
    from ..output.selection import render_selection, select_projects, selection_lines
    target = out or source.resolve().with_name(f"{source.resolve().stem}-遴选.xlsx")
    if target.resolve() in {path.resolve() for path in (source, allotment) if path}:
        raise click.UsageError(f"{target} 就是要读的文件；请把方案写成别的文件")
    selection = select_projects(source, chosen_edition(edition, common), budget=budget, score=score, allotment=allotment,
                                include=include, exclude=exclude, password=password, leave_out=(target,))
    write_whole(target, render_selection(selection))
    click.echo("\n".join([*selection_lines(selection), f"已写 {target}；问题 {selection.problem_count} 个。"]))
    sys.exit(bool(selection.problem_count or not selection.options))


@click.command()
@click.argument("folder", type=FOLDER, default=Path("xltool-demo"))
def demo(folder: Path) -> None:
    """用自带的虚构样例跑一遍：两版指南，一个市九个县（市、区）的项目清单。"""
    from ..output.console import progress_bar
    from ..output.demo import run_demo
    with progress_bar() as progress:
        lines = run_demo(folder, progress)
    click.echo("\n".join(lines))
