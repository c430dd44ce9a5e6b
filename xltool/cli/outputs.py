"""Commands that write official files."""
from __future__ import annotations

from pathlib import Path

import click

from .options import FOLDER, PATH, chosen_edition, city_name_of, common_option


@click.command()
@click.argument("project_list", metavar="LIST.xlsx", type=PATH)
@click.option("--edition", metavar="版本", required=True, help="指南版本，如 2026、2023，或一个指南工作簿的路径。")
@click.option("--out", metavar="DIR", type=FOLDER, required=True, help="写到哪个文件夹；再次运行会替换上次的结果。")
@click.option("--city", metavar="设区市", default="", callback=city_name_of, help="汇总表的地区，如 盐城市；不写就用清单里的设区市。")
@click.option("--book", "forms", flag_value="book", help="绩效表放进一个工作簿，每个项目一张表。")
@click.option("--zip", "forms", flag_value="zip", help="绩效表放进一个压缩包。")
@click.option("--html", is_flag=True, help="核查报告另写一份网页，用浏览器打开，可以筛选、排序。")
@click.option("--password", metavar="密码", help="清单或报送件加了密时的密码。")
@common_option
def batch(project_list: Path, edition: str, out: Path, city: str, forms: str | None, html: bool, password: str | None,
          common: bool) -> None:
    """由项目清单生成汇总表、绩效目标申报表、核查报告和 manifest.json。"""
    from ..output.batch import FILES, run_batch
    from ..output.console import batch_lines, progress_bar
    with progress_bar() as progress:
        made = run_batch(project_list, chosen_edition(edition, common), out, city, forms or FILES, progress, html, password)
    click.echo("\n".join(batch_lines(made)))


@click.command()
@click.argument("folder", type=FOLDER, default=Path("xltool-demo"))
def demo(folder: Path) -> None:
    """用自带的虚构样例跑一遍：两版指南，一个市九个县（市、区）的项目清单。"""
    from ..output.console import progress_bar
    from ..output.demo import run_demo
    with progress_bar() as progress:
        lines = run_demo(folder, progress)
    click.echo("\n".join(lines))
