"""A template of the bureau's own, looked at before it is used: each tag, where it stands, what a project would put there, and what would fail."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

from ...guideline.bundle import bundled
from ...intake.merging import read_list
from ...rules.model import Edition
from ...rules.problems import Problem, ProblemsError
from ..checking import check_project
from ..template import AnyTemplate, TemplateError, load_template, tag_lines, tag_uses
from .context import project_context
from .paper import Context, asks_for_all, list_context


def check_template(file: Path, edition: Edition, project_list: Path | None = None) -> tuple[bool, list[str]]:
    """Whether a template can be filled with the data of an edition, and a line per tag with what the first project of a list gives it.

    Without a list that is the edition's bundled sample. Raises TemplateError for a file that is no template, ProblemsError without any
    project.
    """
    template = load_template(file)
    projects, example = _projects(edition, project_list or _sample(edition))
    context = list_context(edition, projects, dt.date.today()) if asks_for_all(template) else projects[0]
    uses = tag_uses(template, context)
    how = f"用到“项目清单”，全部项目填一份（例子里有 {len(projects)} 个）" if asks_for_all(template) else "每个项目填一份"
    lines = tag_lines(uses) if uses else ["没有标签：填出来的每一份都一样"]
    known = [use.known for use in uses]
    if uses and not any(known):
        lines.append("没有一个名称对得上：自带的汇总表、绩效表、报告的模板由程序另给数据，不能用 --template 填")
    faults = _faults(template, context) if all(known) else []
    return all(known) and not faults, [f"{Path(file).name}：{how}。例子：{example}", *lines, *faults]


def _faults(template: AnyTemplate, context: Context) -> list[str]:
    """What goes wrong when the template is filled with the example: a filter on a value it is not meant for, a calculation."""
    try:
        template.render(context)
    except TemplateError as error:
        return [f"用例子试填，填不出来：{problem}" for problem in error.problems]
    return []


def _sample(edition: Edition) -> Path:
    found = next((bundled("workbooks") / "samples").glob(f"*{edition.id}年项目清单.xlsx"), None)
    if found is None:
        raise ProblemsError([Problem("file.missing", edition.id, "这一版没有自带的样例清单", "请用 --list 给一份清单")])
    return found


def _projects(edition: Edition, source: Path) -> tuple[list[dict[str, object]], str]:
    """What each project of a list offers a template, and which project is the first."""
    listed, _ = read_list(source, edition)
    if not listed.projects:
        raise ProblemsError(listed.problems or [Problem("sheet.empty", source.name, "清单里没有项目", "请换一份清单")])
    headings = tuple(dict.fromkeys(name for project in listed.projects for name in project.others))
    found = [project_context(edition, check_project(project), number, dt.date.today(), others=headings)
             for number, project in enumerate(listed.projects, 1)]
    first = listed.projects[0]
    return found, f"{source.name}，{first.unit_name}“{first.title}”"
