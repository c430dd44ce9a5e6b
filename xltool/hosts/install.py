"""An add-in put where its program looks for it: an .xlam into Excel's start folder, an .oxt into LibreOffice."""
from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from zipfile import is_zipfile

from ..output.files import write_whole
from ..rules.problems import Problem, ProblemsError, Where
from .computer import ADDIN, INTERPRETER, Computer, read_settings, settings_text, this_computer

_SECONDS = 120


def install(file: Path, computer: Computer | None = None, options: Sequence[str] = ()) -> list[str]:
    """Install an add-in; returns what was done, in Chinese. `options` go to LibreOffice's installer.

    Raises ProblemsError for what cannot be installed here, and OSError (Excel keeps a file open that it has loaded).
    """
    computer = computer or this_computer()
    installers = {".xlam": _into_excel, ".oxt": _into_libreoffice}
    installer = installers.get(file.suffix.lower())
    if not file.is_file():
        raise _refusal(file, "file.missing", "没有这个文件", "先用 xltool addin build 生成")
    if installer is None:
        raise _refusal(file, "file.kind", "不是插件", "Excel 的插件是 .xlam，LibreOffice 的是 .oxt；用 xltool addin build 生成")
    return installer(file, computer, options)


def _refusal(file: Path, code: str, expected: str, fix: str) -> ProblemsError:
    return ProblemsError([Problem(code, file.name, expected, fix, Where(str(file)))])


def _into_excel(file: Path, computer: Computer, _: Sequence[str]) -> list[str]:
    if not computer.windows:
        raise _refusal(file, "file.kind", "这种插件只能用在 Windows 的 Excel 里", "这台电脑请用测算工作簿（xltool estimator）或 LibreOffice 的插件")
    try:
        settings = settings_text({**read_settings(computer.settings), INTERPRETER: str(computer.pythonw)})
    except UnicodeEncodeError:
        expected = f"Python 在 {computer.pythonw.parent}，这个名字里有 Windows 代码页没有的字"
        raise _refusal(file, "file.kind", expected, "请把 Python 装到英文名字的文件夹里") from None
    for folder in (computer.xlstart, computer.settings.parent):
        folder.mkdir(parents=True, exist_ok=True)
    write_whole(computer.xlstart / ADDIN, file.read_bytes())  # a new file has no mark of the web
    write_whole(computer.settings, settings)
    return [f"已装到 {computer.xlstart / ADDIN}。", f"设置写在 {computer.settings}：用 {computer.pythonw}。",
            "请关闭全部 Excel 窗口再打开；功能区会多出“专项资金”。有毛病就运行 xltool addin doctor。"]


def _into_libreoffice(file: Path, computer: Computer, options: Sequence[str]) -> list[str]:
    if computer.unopkg is None:
        raise _refusal(file, "file.missing", "没有找到 LibreOffice 的 unopkg", "请先安装 LibreOffice，或在 LibreOffice 里双击这个文件安装")
    everyone = ["--shared"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # unopkg refuses root's own extensions
    command = [str(computer.unopkg), "add", "--force", "--suppress-license", *everyone, *options, str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=computer.clean_environment(),
                              timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _refusal(file, "file.unreadable", f"LibreOffice 的安装程序 {_SECONDS} 秒没有做完", "请关闭 LibreOffice 后再试") from None
    if done.returncode and not is_zipfile(file):
        raise _refusal(file, "file.damaged", "文件损坏了，不是完整的插件", "请重新用 xltool addin build 生成，或重新下载")
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise _refusal(file, "file.unreadable", f"LibreOffice 没有装上：{said[-1] if said else done.returncode}", "请关闭全部 LibreOffice 窗口后再试")
    return [f"已装进 LibreOffice（{computer.unopkg.parent}）{'，所有用户都能用' if everyone else ''}。",
            "请关闭全部 LibreOffice 窗口再打开；函数写成 =XLTOOL.SUBSIDY(…)。"]
