"""`xltool serve`: checks what must be there before a start, says where things are, and serves until it is stopped."""
from __future__ import annotations

import errno
import os
import socket
from importlib.util import find_spec
from pathlib import Path

import click

from ...guideline.bundle import library
from ...guideline.read import load
from ...rules.problems import reason
from ..guidelines import NAME, Guidelines

KEY = "XLWINGS_LICENSE_KEY"
_WHY = {errno.EADDRINUSE: "已经有程序在用", errno.EADDRNOTAVAIL: "这台电脑没有这个地址"}
_NEEDED = ("uvicorn", "cryptography", "xlwings", "xlwings_server")


def run(address: str, port: int, cert: Path | None, key: Path | None) -> None:
    """Serve on an address and port, with HTTPS where there is a certificate. Raises ClickException where something is missing."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise click.ClickException("没有装 xlwings Server；请在 xltool 的文件夹里运行：pip install \".[server]\"")
    from .address import HOSTNAME, BadAddress, address_of
    try:
        reached = address_of(address, port, cert, key, os.environ.get(HOSTNAME, "").strip())
    except BadAddress as error:
        raise click.ClickException(str(error)) from error
    check_licence()
    guidelines = Guidelines(library(), load)
    rules = guidelines.library()  # a workbook in the setting that has problems is told before the start
    from uvicorn import Config, Server

    from .application import application
    try:
        listening = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    except OSError as error:
        why = _WHY.get(error.errno) or reason(error)
        raise click.ClickException(f"不能在 {address} 的 {port} 端口上听：{why}；请换一个端口或地址，如 --port 8001") from error
    with listening:
        server = Server(Config(application(reached, guidelines), log_level="warning",
                               ssl_certfile=cert, ssl_keyfile=key, server_header=False))
        click.echo(f"服务地址：{reached.base}")
        click.echo(f"清单：{reached.base}/manifest.xml" if reached.secure else
                   "没有证书：只能在浏览器里看任务窗格，Excel 只认 HTTPS；请加 --cert 证书.pem --key 私钥.pem")
        click.echo(f"任务窗格：{reached.base}/taskpane.html")
        click.echo(f"指南：{'、'.join(rules.ids)}" + (f"（{rules.preferred} 版用 {os.environ[NAME]}）" if rules.preferred else ""))
        click.echo("按 Ctrl+C 停止。")
        server.run(sockets=[listening])


def check_licence() -> None:
    """Raises ClickException where xlwings finds no licence key, or one it does not accept."""
    import xlwings
    try:
        import xlwings.server
    except xlwings.LicenseError as error:
        found = "不被接受" if os.environ.get(KEY) else "没有找到"
        raise click.ClickException(
            f"xlwings Server 的许可证{found}（{error}）。请先设环境变量 {KEY}：\n"
            "  政府机关、学校等非商业使用（PolyForm Noncommercial 许可）：noncommercial\n"
            "  企业：从 www.xlwings.org 买的许可证") from error
