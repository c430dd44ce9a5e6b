"""The manual is true: its commands run, its generated pages are fresh, its links and pictures exist."""
from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from xltool.cli import main
from xltool.guideline.bundle import edition_ids

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
MANUAL = [ROOT / "README.md", *PAGES]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def build():
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMMANDS = [(page.name, line[2:]) for page in PAGES for block in blocks(page, "console") for line in block.splitlines() if line[:2] == "$ "]


def test_the_manual_has_commands_to_run():
    assert len(COMMANDS) >= 5


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_command_of_the_manual_runs(page, command, monkeypatch):
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(command)
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert program == "xltool" and result.exit_code == 0 and result.stdout.strip()


@pytest.mark.parametrize(("page", "code"), [(page.name, code) for page in PAGES for code in blocks(page, "python")])
def test_an_example_in_python_runs(page, code, capsys):
    exec(compile(code, page, "exec"), {})
    assert capsys.readouterr().out.strip()


def test_generated_pages_are_what_the_program_says_now():
    for name, make in build().PAGES.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == make(), f"run: python docs/build.py ({name})"


def test_every_command_in_the_manual_exists_and_every_command_is_in_the_manual():
    text = "\n".join(page.read_text(encoding="utf-8") for page in MANUAL)
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"## xltool {name}" in reference
        assert re.search(rf"xltool {name}\b", text.replace(reference, "")), f"no page tells of {name}"
    for name in re.findall(r"(?m)^\s*(?:\$ )?xltool ([a-z]\w*)", text):
        assert name in main.commands


@pytest.mark.parametrize("page", MANUAL, ids=lambda page: page.name)
def test_links_and_pictures_of_a_page_exist(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_can_be_reached_from_the_readme_or_another_page():
    text = "\n".join(page.read_text(encoding="utf-8") for page in MANUAL)
    for page in PAGES:
        assert re.search(rf"\]\((?:docs/)?{re.escape(page.name)}", text), page.name


def test_the_readme_keeps_its_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    demo, tests = (re.search(rf"<!-- {name} -->\n```sh\n(.+)\n```", text)[1] for name in ("demo", "test"))
    assert demo.endswith("xltool demo xltool-demo") and "pytest" in tests
    assert all("\n" not in command for command in (demo, tests))


def test_the_readme_names_the_bundled_editions():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(name in text for name in edition_ids())
