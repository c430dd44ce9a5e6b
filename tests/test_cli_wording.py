"""Every command used wrongly in many ways: it fails, without a traceback, and says why in Chinese."""
from __future__ import annotations

import errno
import io
import re
import zipfile
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner, Result
from docx import Document
from msoffcrypto.format.ooxml import OOXMLFile

from xltool.cli import main
from xltool.guideline.bundle import bundled


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, (*path, name))


COMMANDS = list(commands(main))
# What stays as it is: options and their values, names of files and of their endings, places to fill in, commands, programs, keys of JSON.
LEFT = re.compile("|".join([
    r"--[\w-]+", r"[^\s“”：；、，（]*\.[a-z]{2,5}\b", r"\b[A-Z]{4,}\b", r'"\w+":', r"\b(xltool|xlsx|LibreOffice|Excel|Office|Word|Windows)\b",
    r"\b(libreoffice|excel|officejs)\b", *(rf"\b{name}\b" for path in COMMANDS for name in path)]), re.ASCII)


def english(said: str) -> list[str]:
    return re.findall("[A-Za-z]{4,}", LEFT.sub("", said))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="xltool")


def is_refused_in_chinese(result: Result) -> None:
    assert isinstance(result.exception, SystemExit) and result.exit_code != 0, repr(result.exception)
    assert re.search("[一-鿿]", result.output) and english(result.output) == [], result.output


def test_english_is_seen():
    assert english("Error: No such option --edition in 'a.xlsx'.") == ["Error", "such", "option"]


# --- on the command line ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("wrong", [("--nosuch",), ("--editon", "2026"), ("-q",), tuple("abcdef")], ids=" ".join)
def test_what_a_command_does_not_know_is_refused(path, wrong):
    is_refused_in_chinese(run(*path, *wrong))


@pytest.mark.parametrize("path", [
    ("guideline", "dump"), ("guideline", "tidy"), ("guideline", "diff"), ("show",), ("read",), ("assess",), ("match",), ("quota",),
    ("template", "make"), ("template", "check"), ("merge",), ("select",), ("batch",), ("estimator",), ("addin", "build"), ("addin", "install"),
    ("addin", "rename")], ids=" ".join)
def test_what_a_command_needs_is_asked_for(path):
    result = run(*path)
    is_refused_in_chinese(result)
    assert "错误：缺少" in result.stderr


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_has_chinese_headings(path):
    said = run(*path, "--help").output
    assert said.startswith("用法: xltool") and "显示这段说明。" in said
    assert not re.search("Usage|Options|Commands|Show this|default|required", said)


@pytest.mark.parametrize(("wrong", "says"), [
    (("rea",), "没有命令“rea”"), (("show", "--editon", "2026"), "没有选项“--editon”。 是不是 '--edition'"),
    (("show", "2026P1-1", "--edition"), "“--edition”后面要写值"), (("guideline", "diff", "2026"), "缺少 'NEW'"),
    (("show", "2026P1-1", "--common=1"), "“--common”后面不用写值"), (("show",), "缺少 'PROGRAMME'"), (("batch", "a.xlsx"), "缺少选项 '--edition'"),
    (("template", "make", "--rows", "x", "-o", "a.xlsx"), "'--rows' 的值不对：“x”不是这里能写的数"),
    (("template", "make", "--rows", "0", "-o", "a.xlsx"), "0 超出范围 1<=x<=2000"),
    (("select", "a.xlsx", "--edition", "2026", "--budget", "x"), "'--budget' 的值不对"),
    (("serve", "--port", "0"), "'--port' 的值不对"), (("show", "2026P1-1", "a", "b"), "多写了：a b")])
def test_a_wrong_use_is_explained(wrong, says):
    result = run(*wrong)
    is_refused_in_chinese(result)
    assert says in result.stderr and result.exit_code == 2


@pytest.mark.parametrize("wrong", [("--host", "wps"), ()])
def test_a_wrong_choice_is_told_what_there_is(wrong):
    result = run("addin", "build", *wrong)
    is_refused_in_chinese(result)
    assert "libreoffice" in result.stderr and "excel" in result.stderr


def test_an_interrupted_command_says_so(monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt
    monkeypatch.setattr("xltool.guideline.show.programme_lines", interrupt)
    result = run("programs")
    is_refused_in_chinese(result)
    assert "已中止。" in result.stderr


# --- files --------------------------------------------------------------------------------------------------------------

def sample() -> bytes:
    return (bundled("workbooks") / "samples" / "盐城市2026年项目清单.xlsx").read_bytes()


def document() -> bytes:
    made = Document()
    made.add_paragraph("{{ 单位名称 }}")
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def locked(data: bytes) -> bytes:
    made = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("盐城2026", made)
    return made.getvalue()


def with_half_a_part(data: bytes, part: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:len(content) // 2] if name == part else content)
    return made.getvalue()


NOISE = bytes(range(256)) * 9
FILES = {
    "不在.xlsx": None, "不在.docx": None, "文件夹": None, "文件夹.xlsx": None,
    "空.xlsx": b"", "空.docx": b"", "乱码.xlsx": NOISE, "乱码.jsonl": NOISE, "文字.xlsx": b"hello", "文字.docx": "你好".encode(),
    "压缩.xlsx": b"PK\x03\x04" + NOISE, "空压缩.xlsx": b"PK\x05\x06" + bytes(18),
    "一半.xlsx": sample()[:20000], "缺尾.xlsx": sample()[:-300], "加密.xlsx": locked(sample()), "加密.docx": locked(document()),
    "缺表.xlsx": with_half_a_part(sample(), "xl/workbook.xml"), "缺类型.xlsx": with_half_a_part(sample(), "[Content_Types].xml"),
    "一半.docx": document()[:9000], "缺文.docx": with_half_a_part(document(), "word/document.xml"),
    "单页.pdf": b"%PDF-1.7", "插件.xlam": b"x", "插件.oxt": b"x",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("文件")
    for name, data in FILES.items():
        if data is not None:
            (folder / name).write_bytes(data)
        elif name.startswith("文件夹"):
            (folder / name).mkdir()
    (folder / "清单.xlsx").write_bytes(sample())
    return folder


READERS = [
    ("read", "FILE"), ("guideline", "check", "FILE"), ("guideline", "dump", "FILE"), ("guideline", "tidy", "FILE"),
    ("guideline", "diff", "FILE", "2026"), ("programs", "--edition", "FILE"),
    ("merge", "FILE", "-o", "汇总.xlsx"), ("merge", "清单.xlsx", "--history", "FILE", "-o", "汇总.xlsx"),
    ("merge", "清单.xlsx", "--allotment", "FILE", "-o", "汇总.xlsx"), ("select", "FILE", "--edition", "2026", "-o", "方案.xlsx"),
    ("batch", "FILE", "--edition", "2026", "--out", "结果"), ("addin", "install", "FILE"),
    ("assess", "FILE"), ("match", "FILE"), ("quota", "FILE"), ("template", "check", "FILE"),
    ("addin", "rename", "FILE", "--to", "excel", "-o", "改.xlsx"),
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", READERS, ids=lambda command: " ".join(command[:-1]))
def test_a_file_that_cannot_be_read_is_explained(folder, monkeypatch, command, name):
    monkeypatch.chdir(folder)
    result = run(*(name if word == "FILE" else word for word in command))
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert re.search("[一-鿿]", result.output) or result.output == "", result.output
    assert english(result.output) == [], result.output


@pytest.mark.parametrize("command", ["assess", "match", "quota"])
def test_lines_that_are_no_text_are_refused(folder, command):
    result = run(command, str(folder / "乱码.jsonl"))
    is_refused_in_chinese(result)
    assert "乱码.jsonl：不是 UTF-8 的文字" in result.stderr


WRITERS = [
    ("template", "make", "--programs", "2026P1-1", "-o", ".xlsx"), ("estimator", "-o", ".xlsx"), ("guideline", "diff", "2024", "2026", "-o", ".xlsx"),
    ("calendar", "--ics", ".ics"), ("addin", "build", "--host", "libreoffice", "-o", ".oxt"), ("merge", "清单.xlsx", "-o", ".xlsx"),
    ("batch", "清单.xlsx", "--edition", "2026", "--out", ""), ("demo", ""),
]


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: " ".join(command[:-1]))
@pytest.mark.parametrize("name", ["清单.xlsx/结果", "太长" * 99])
def test_a_place_that_cannot_be_written_is_explained(folder, monkeypatch, command, name):
    monkeypatch.chdir(folder)
    is_refused_in_chinese(run(*command[:-1], name + command[-1]))


def test_a_file_nobody_may_write_is_explained(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "模板.xlsx"))
    monkeypatch.setattr("xltool.output.files.os.replace", refuse)
    result = run("template", "make", "--programs", "2026P1-1", "-o", str(tmp_path / "模板.xlsx"))
    is_refused_in_chinese(result)
    assert "请先在 Excel 里关闭这个文件" in result.stderr


@pytest.mark.parametrize("name", ["加密.docx", "加密.xlsx"])
def test_a_template_with_a_password_is_called_no_kind_it_may_not_be(folder, name):
    result = run("template", "check", str(folder / name))
    is_refused_in_chinese(result)
    assert "“加密的 Office 文件”" in result.stderr and "请去掉密码" in result.stderr
