"""Commands about the functions in spreadsheet programs."""
from __future__ import annotations

import sys
from pathlib import Path

import click

from .options import PATH, WORKBOOK, chosen_edition, edition_option


@click.command()
@edition_option
@click.option("-o", "--out", metavar="OUT.xlsx", type=WORKBOOK, required=True, help="测算工作簿写到哪里。")
def estimator(edition: str | None, out: Path) -> None:
    """生成测算工作簿：不用装插件、不用宏，填上数就看到每个项目的结论、差额和补助；Excel 2010 以上、WPS、LibreOffice 都能用。"""
    from ..hosts.estimator import estimator_workbook
    from ..output.files import write_whole
    chosen = chosen_edition(edition)
    write_whole(out, estimator_workbook(chosen))
    click.echo(f"已写 {out}：{chosen.title}。")


@click.group()
def addin() -> None:
    """表格软件的插件：函数 SUBSIDY、ELIGIBLE、WHY、FIRST_PAYMENT、QUOTA_LEFT、PROGRAM、MATCH_PROGRAMS。"""


@addin.command("build")
@click.option("--host", metavar="软件", type=click.Choice(["libreoffice", "excel"]), required=True, help="libreoffice（.oxt）或 excel（.xlam）。")
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="写到哪里；不写就是当前文件夹的 xltool.oxt 或 xltool.xlam。")
def build_addin(host: str, out: Path | None) -> None:
    """生成插件文件，规则和各版指南都在里面（Excel 的规则在 Python 里）。"""
    from ..output.files import write_whole
    if host == "excel":
        from ..hosts.excel.build import build
    else:
        from ..hosts.libreoffice.build import build
    suffix = ".xlam" if host == "excel" else ".oxt"
    out = out or Path(f"xltool{suffix}")
    if out.suffix.lower() != suffix:
        raise click.UsageError(f"这种插件的文件名要以 {suffix} 结尾，如 {out.stem}{suffix}")
    write_whole(out, build())
    click.echo(f"已写 {out}。")


@addin.command("install")
@click.argument("file", metavar="FILE", type=PATH)
def install_addin(file: Path) -> None:
    """把 .xlam 装进 Excel 的启动文件夹，或把 .oxt 装进 LibreOffice。"""
    from ..hosts.install import install
    click.echo("\n".join(install(file)))


@addin.command("doctor")
def check_addin() -> None:
    """检查插件要用的东西：Python、xlwings、启动文件夹、配置、LibreOffice；每个毛病都写明怎么修。"""
    from ..hosts.doctor import examine
    found = examine()
    click.echo("\n".join(map(str, found)))
    sys.exit(any(not each.well for each in found))


@addin.command("rename")
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--to", "host", metavar="软件", type=click.Choice(["libreoffice", "excel", "officejs"]), required=True,
              help="libreoffice、excel（Windows 插件）或 officejs（网页版、Mac、365）。")
@click.option("-o", "--out", metavar="OUT", type=click.Path(path_type=Path), required=True, help="改好的工作簿写到哪里；原文件不动。")
def rename_addin(file: Path, host: str, out: Path) -> None:
    """把工作簿里的函数改成另一种软件的写法，算出的值原样留着。"""
    from ..hosts.rename import rename
    from ..output.files import write_whole
    if out.resolve() == file.resolve():
        raise click.UsageError(f"{out} 就是原来的工作簿；请换一个名字，原文件不动")
    if out.suffix.lower() != file.suffix.lower():
        raise click.UsageError(f"{out} 和原来的工作簿不是一种文件；函数的写法换了，文件还是 {file.suffix}，请把名字写成 {out.stem}{file.suffix}")
    data, count = rename(file, host)
    write_whole(out, data)
    click.echo(f"已写 {out}：改了 {count} 个公式。")


@click.command()
@click.option("--host", "address", metavar="地址", default="127.0.0.1", show_default=True, help="在哪个地址上听；默认只有本机能用。")
@click.option("--port", metavar="端口", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口。")
@click.option("--cert", metavar="CERT.pem", type=PATH, help="HTTPS 证书；Excel 只认 HTTPS。")
@click.option("--key", metavar="KEY.pem", type=PATH, help="证书的私钥。")
def serve(address: str, port: int, cert: Path | None, key: Path | None) -> None:
    """给网页版、Mac 版和 365 的 Excel 提供同样的函数和功能按钮（要装 server 附加包）。"""
    from ..hosts.server.run import run
    run(address, port, cert, key)
