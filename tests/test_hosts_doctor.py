"""`xltool addin doctor` and `install`, on a Windows computer described in a folder, and in real LibreOffice."""
from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from xltool.cli import main
from xltool.hosts.computer import ADDIN, Computer, read_settings, settings_text, this_computer
from xltool.hosts.doctor import examine, xlwings_version
from xltool.hosts.excel.build import build
from xltool.hosts.install import install
from xltool.rules.problems import ProblemsError


@pytest.fixture(scope="module")
def xlam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doctor") / "xltool.xlam"
    path.write_bytes(build())
    return path


@pytest.fixture
def windows(tmp_path: Path, xlam: Path) -> Computer:
    """A computer with everything, but for the add-in."""
    scripts = tmp_path / "Python" / "Scripts"
    scripts.mkdir(parents=True)
    for name in ("python.exe", "pythonw.exe"):
        (scripts / name).touch()
    version = xlwings_version(xlam)
    (tmp_path / "Python" / f"xlwings64-{version}.dll").touch()
    environment = {"APPDATA": str(tmp_path / "AppData"), "USERPROFILE": str(tmp_path / "我"), "PATH": ""}
    return Computer(True, environment, scripts / "python.exe", tmp_path / "Python", (3, 12, 1), 64, 64, {"xlwings": version, "pywin32": "306"}, None)


def faults(computer: Computer) -> dict[str, str]:
    return {finding.name: str(finding) for finding in examine(computer) if not finding.well}


def test_an_installed_addin_is_well(windows, xlam):
    said = install(xlam, windows)
    assert (windows.xlstart / ADDIN).read_bytes() == xlam.read_bytes() and str(windows.xlstart) in said[0]
    assert read_settings(windows.settings) == {"INTERPRETER_WIN": str(windows.pythonw)}
    assert not faults(windows)
    assert {"Python", "xlwings", "pywin32", "插件", "设置", "xlwings 的 DLL", "LibreOffice"} == {finding.name for finding in examine(windows)}


def test_installing_again_keeps_other_settings(windows, xlam):
    windows.settings.parent.mkdir(parents=True)
    windows.settings.write_bytes(settings_text({"SHOW CONSOLE": "True", "INTERPRETER_WIN": "C:\\old\\pythonw.exe"}))
    install(xlam, windows)
    assert read_settings(windows.settings) == {"SHOW CONSOLE": "True", "INTERPRETER_WIN": str(windows.pythonw)}


def test_the_version_is_read_from_the_addin_itself(xlam, tmp_path):
    assert xlwings_version(xlam).count(".") == 2
    (tmp_path / "x.xlam").write_bytes(b"PK no workbook")
    assert xlwings_version(tmp_path / "x.xlam") == ""


def test_each_fault_is_found_and_told_with_its_cure(windows, xlam):
    assert "xltool addin install" in faults(windows)["插件"]
    install(xlam, windows)
    version = xlwings_version(xlam)
    dll = windows.prefix / f"xlwings64-{version}.dll"
    assert "3.11" in faults(replace(windows, python=(3, 10, 9)))["Python"]
    assert "32 位的 Python" in faults(replace(windows, excel_bits=32))["Python"]
    store = Path("C:/Users/x/AppData/Local/Microsoft/WindowsApps/python.exe")
    assert "应用商店" in faults(replace(windows, executable=store))["Python"]
    assert "pip install" in faults(replace(windows, packages={"xlwings": version}))["pywin32"]
    assert f"要 xlwings {version}，装的是 0.30.1" in faults(replace(windows, packages={**windows.packages, "xlwings": "0.30.1"}))["插件"]
    dll.rename(windows.prefix / "xlwings64-0.30.1.dll")
    assert "只有 xlwings64-0.30.1.dll" in faults(windows)["xlwings 的 DLL"]
    (windows.prefix / "xlwings64-0.30.1.dll").rename(dll)
    mark = Path(f"{windows.xlstart / ADDIN}:Zone.Identifier")  # on Windows a stream of the file
    mark.write_text("[ZoneTransfer]\nZoneId=3\n")
    assert "解除锁定" in faults(windows)["来源标记"]
    mark.unlink()
    (windows.xlstart / "xltool (1).xlam").touch()
    assert "xltool (1).xlam" in faults(windows)["重复的插件"]
    (windows.xlstart / "xltool (1).xlam").unlink()
    windows.pythonw.unlink()
    assert "Python 不在" in faults(windows)["设置"]
    windows.settings.unlink()
    assert "INTERPRETER_WIN" in faults(windows)["设置"]
    assert "没有这个文件" in faults(replace(windows, environment={**windows.environment, "XLTOOL_GUIDELINE": "没有.xlsx"}))["指南工作簿"]
    (windows.xlstart / ADDIN).write_bytes(b"x")
    assert "已损坏" in faults(windows)["插件"]


def test_a_python_that_would_break_libreoffice_is_found(windows, tmp_path):
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "python3").touch()
    linux = replace(windows, windows=False, soffice=Path("/usr/bin/soffice"))
    trapped = replace(linux, environment={"PATH": f"{tmp_path / 'venv'}:/usr/bin", "PYTHONHOME": "/x", "HOME": "/h"})
    said = faults(trapped)["启动 LibreOffice 的环境"]
    assert "PYTHONHOME" in said and str(tmp_path / "venv") in said and "deactivate" in said
    assert trapped.clean_environment() == {"PATH": "/usr/bin", "HOME": "/h"}
    assert "启动 LibreOffice 的环境" not in faults(replace(linux, environment={"PATH": "/usr/bin:/bin"}))


@pytest.mark.parametrize(("name", "words"), [("没有.xlam", "没有这个文件"), ("x.xlsx", "不是插件"), ("x.xlam", "只能用在 Windows")])
def test_what_cannot_be_installed_is_refused(windows, tmp_path, name, words):
    if not name.startswith("没有"):
        (tmp_path / name).touch()
    with pytest.raises(ProblemsError, match=words):
        install(tmp_path / name, replace(windows, windows=False))
    assert not windows.xlstart.exists() and not windows.settings.exists()


def test_without_libreoffice_an_oxt_is_refused(windows, tmp_path):
    (tmp_path / "x.oxt").touch()
    with pytest.raises(ProblemsError, match="unopkg"):
        install(tmp_path / "x.oxt", windows)


def test_an_oxt_is_installed_in_real_libreoffice_even_from_a_virtual_environment(soffice, tmp_path):
    from xltool.hosts.libreoffice.build import build as build_oxt
    oxt = tmp_path / "xltool.oxt"
    oxt.write_bytes(build_oxt())
    (tmp_path / "shared").mkdir()
    options = [f"-env:UNO_SHARED_PACKAGES_CACHE={(tmp_path / 'shared').as_uri()}/cache", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"]
    here = this_computer()
    assert "已装进 LibreOffice" in install(oxt, here, options)[0]
    scope = ["--shared"] if "所有用户" in install(oxt, here, options)[0] else []  # a second time over the first
    listed = subprocess.run([str(here.unopkg), "list", *scope, *options], capture_output=True, text=True, env=here.clean_environment(), timeout=60)
    assert "xltool" in listed.stdout
    (tmp_path / "broken.oxt").write_bytes(b"x")
    with pytest.raises(ProblemsError, match="文件损坏"):
        install(tmp_path / "broken.oxt", here, options)


def test_the_command_prints_every_finding_and_fails_on_a_fault(monkeypatch, windows):
    monkeypatch.setattr("xltool.hosts.doctor.this_computer", lambda: windows)
    result = CliRunner().invoke(main, ["addin", "doctor"])
    assert result.exit_code == 1 and "✗ 插件" in result.output and "怎么修：" in result.output and "✓ Python" in result.output
