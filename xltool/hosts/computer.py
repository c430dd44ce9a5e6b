"""The computer the add-ins are on: where Excel looks for add-ins, where our settings stand, which LibreOffice there is.

Everything is read from an explicit `Computer`, so that another one can be described in its place.
"""
from __future__ import annotations

import os
import re
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..intake import office

ADDIN, PROJECT, INTERPRETER = "xltool.xlam", "xltool", "INTERPRETER_WIN"


@dataclass(frozen=True, slots=True)
class Computer:
    """What matters of a computer. `excel_bits` is None where Excel is not installed or does not say."""

    windows: bool
    environment: Mapping[str, str]
    executable: Path
    prefix: Path
    python: tuple[int, int, int]
    bits: int
    excel_bits: int | None
    packages: Mapping[str, str]
    soffice: Path | None

    @property
    def xlstart(self) -> Path:
        """The folder whose add-ins Excel opens when it starts."""
        return Path(self.environment.get("APPDATA", "")) / "Microsoft" / "Excel" / "XLSTART"

    @property
    def settings(self) -> Path:
        """The user's own settings, which the add-in reads before its own."""
        return Path(self.environment.get("USERPROFILE", "")) / f".{PROJECT}" / f"{PROJECT}.conf"

    @property
    def pythonw(self) -> Path:
        """The Python without a window beside the one that runs."""
        return self.executable.with_name("pythonw.exe")

    @property
    def unopkg(self) -> Path | None:
        """LibreOffice's installer of extensions."""
        if self.soffice is None:
            return None
        program = self.soffice.resolve().parent
        return next((path for name in ("unopkg.com", "unopkg") if (path := program / name).is_file()), None)

    def clean_environment(self) -> dict[str, str]:
        """The environment without what leads LibreOffice to another Python than its own."""
        return office.clean_environment(self.environment, self.windows)

    @property
    def strange_pythons(self) -> list[str]:
        """What leads a LibreOffice started from here to another Python than its own."""
        names = [name for name in ("PYTHONHOME", "PYTHONPATH") if self.environment.get(name)]
        folders = [Path(folder) for folder in self.environment.get("PATH", "").split(os.pathsep) if folder]
        first = next((folder for folder in folders if (folder / "python3").exists()), None)
        return [*names, *([f"PATH 里的 {first}"] if not self.windows and first and office.strange_python(first) else [])]


def this_computer() -> Computer:
    return Computer(sys.platform == "win32", dict(os.environ), Path(sys.executable), Path(sys.prefix), sys.version_info[:3], struct.calcsize("P") * 8,
                    _excel_bits(), {name: version for name in ("xlwings", "pywin32") if (version := _version(name))},
                    office.program())


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _excel_bits() -> int | None:
    """Whether Excel is the 32 or the 64 bit one, as Office's installer has noted it."""
    if sys.platform != "win32":
        return None
    import winreg
    places = ((r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform"), (r"SOFTWARE\Microsoft\Office\16.0\Outlook", "Bitness"))
    for place, name in places:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                return 64 if winreg.QueryValueEx(key, name)[0] == "x64" else 32
        except OSError:
            continue
    return None


def read_settings(path: Path) -> dict[str, str]:
    """The settings in a file of lines `"KEY","VALUE"`; empty where there is none. Raises OSError."""
    if not path.is_file():
        return {}
    text = path.read_bytes().decode(_ansi(), "replace")
    return {match[1].upper(): match[2] for match in re.finditer(r'(?m)^\s*"?([^",]+)"?\s*,\s*"?([^"\r\n]*)"?\s*$', text)}


def settings_text(settings: Mapping[str, str]) -> bytes:
    """Settings as VBA reads them back: in the code page of Windows. Raises UnicodeEncodeError for a folder it has no signs for."""
    return "".join(f'"{key}","{value}"\r\n' for key, value in settings.items()).encode(_ansi())


def _ansi() -> str:
    return "mbcs" if sys.platform == "win32" else "utf-8"
