"""Whether the add-ins have what they need on this computer; every fault comes with its cure."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .computer import ADDIN, INTERPRETER, PROJECT, Computer, read_settings, this_computer
from .guidelines import NAME

_OLDEST = (3, 11)
_INSTALL = '在 xltool 的文件夹里运行 pip install ".[excel]"'


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `fix` says what to do where it is not well."""

    name: str
    well: bool
    text: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{'✓' if self.well else '✗'} {self.name}：{self.text}" + (f"\n  怎么修：{self.fix}" if self.fix and not self.well else "")


def examine(computer: Computer | None = None) -> list[Finding]:
    """Everything the add-ins need, in the order in which to put it right."""
    computer = computer or this_computer()
    excel = [_python(computer), *_packages(computer), *_addin(computer)] if computer.windows else [
        Finding("Excel", True, "这种插件只能用在 Windows 上；这台电脑请用测算工作簿，或 LibreOffice 的插件")]
    return [*excel, *_guideline(computer), *_libreoffice(computer)]


# --- Excel ------------------------------------------------------------------------------------------------------------------

def _python(computer: Computer) -> Finding:
    text = f"{'.'.join(map(str, computer.python))}，{computer.bits} 位，{computer.executable}"
    if computer.python[:2] < _OLDEST:
        return Finding("Python", False, text, f"请装 Python {'.'.join(map(str, _OLDEST))} 以上（python.org）")
    if "WindowsApps" in computer.executable.parts:
        return Finding("Python", False, f"{text}（应用商店版）", "Excel 装不进应用商店版 Python 的组件：请装 python.org 的 Python")
    if computer.excel_bits not in (None, computer.bits):
        fix = f"Excel 是 {computer.excel_bits} 位的，请装 {computer.excel_bits} 位的 Python，再装 xltool"
        return Finding("Python", False, text, fix)
    return Finding("Python", True, text + ("" if computer.excel_bits else "；没有查到 Excel 是多少位，两者要一样"))


def _packages(computer: Computer) -> Iterator[Finding]:
    for name in ("xlwings", "pywin32"):
        version = computer.packages.get(name, "")
        yield Finding(name, bool(version), version or "没有装", _INSTALL)


def _addin(computer: Computer) -> Iterator[Finding]:
    """The add-in in the start folder, its settings, and whether the two fit the xlwings that is installed."""
    path = computer.xlstart / ADDIN
    if not path.is_file():
        yield Finding("插件", False, f"{path} 不在", "运行 xltool addin build --host excel，再运行 xltool addin install xltool.xlam")
        return
    stated, installed = xlwings_version(path), computer.packages.get("xlwings", "")
    if not stated:
        yield Finding("插件", False, f"{path} 不是 xltool 的插件，或已损坏", "请重新生成并安装")
    elif stated != installed:
        yield Finding("插件", False, f"要 xlwings {stated}，装的是 {installed or '没有装'}", "再运行 xltool addin build 和 install：两处的版本要一样")
    else:
        yield Finding("插件", True, f"{path}（xlwings {stated}）")
    if Path(f"{path}:Zone.Identifier").exists():
        yield Finding("来源标记", False, "Windows 把插件当作网上下载的文件，Excel 不会运行它",
                      "右键 → 属性 → 勾“解除锁定”；或用 xltool addin install 再装一次")
    others = [each.name for each in sorted(computer.xlstart.glob("*.xla*")) if each.name != ADDIN and PROJECT in each.name.lower()]
    if others:
        yield Finding("重复的插件", False, f"启动文件夹里还有 {'、'.join(others)}", "两份插件会让公式指到旧的一份：请删去多余的")
    yield from _settings(computer, stated)


def _settings(computer: Computer, version: str) -> Iterator[Finding]:
    fix = "运行 xltool addin install xltool.xlam，它会写好设置"
    interpreter = read_settings(computer.settings).get(INTERPRETER, "")
    if not interpreter:
        yield Finding("设置", False, f"{computer.settings} 里没有 {INTERPRETER}", fix)
        return
    python = Path(os.path.expandvars(interpreter))
    if not python.is_file():
        yield Finding("设置", False, f"{computer.settings} 里的 Python 不在：{interpreter}", fix)
        return
    yield Finding("设置", True, f"{computer.settings}：{interpreter}")
    if version:
        yield _library(python, f"xlwings{computer.excel_bits or computer.bits}-{version}.dll", version)


def _library(python: Path, name: str, version: str) -> Finding:
    """xlwings' DLL, where the add-in looks for it: beside Python or one folder up."""
    folders = (python.parent, python.parent.parent)
    found = next((folder / name for folder in folders if (folder / name).is_file()), None)
    others = [each.name for folder in folders for each in sorted(folder.glob("xlwings*.dll"))]
    text = str(found) if found else f"没有 {name}" + (f"，只有 {'、'.join(others)}" if others else "")
    return Finding("xlwings 的 DLL", found is not None, text, f"用这个 Python 运行 pip install xlwings=={version}；还没有，就是和 Excel 的位数不同")


def xlwings_version(addin: Path) -> str:
    """The version of xlwings an .xlam was made from; empty where it is none of ours."""
    from pyopenvba import ExcelFile
    try:
        with ExcelFile(addin) as book:
            match = re.search(r'XLWINGS_VERSION As String = "([^"]+)"', book.get_module("xlwings"))
    except Exception:  # the file may hold anything, and its reader promises no kind of exception
        return ""
    return match[1] if match else ""


# --- guideline, LibreOffice -------------------------------------------------------------------------------------------------

def _guideline(computer: Computer) -> Iterator[Finding]:
    path = computer.environment.get(NAME, "")
    if path:
        found = Path(path).is_file()
        yield Finding("指南工作簿", found, f"设置 {NAME} 指定 {path}" + ("" if found else "，没有这个文件"), "请改正这个环境变量，或删去它")


def _libreoffice(computer: Computer) -> Iterator[Finding]:
    if computer.soffice is None:
        yield Finding("LibreOffice", True, "没有装；要在 LibreOffice 里用函数才需要")
        return
    yield Finding("LibreOffice", computer.unopkg is not None, str(computer.soffice), "没有 unopkg：安装不完整，请重新安装 LibreOffice")
    program = computer.soffice.resolve().parent
    loader = any((folder / "pythonloader.py").is_file() for folder in (program, program.parent / "Resources"))
    yield Finding("LibreOffice 的 Python", loader, "有" if loader else "没有装", "Debian、Ubuntu 请装 python3-uno；别的系统请重新安装 LibreOffice")
    if strange := computer.strange_pythons:
        yield Finding("启动 LibreOffice 的环境", False, f"{'、'.join(strange)}会让 LibreOffice 用错 Python，函数都是 Err:504 或报错",
                      "请从桌面启动 LibreOffice；要从终端启动，先 deactivate，并去掉 PYTHONHOME、PYTHONPATH")
