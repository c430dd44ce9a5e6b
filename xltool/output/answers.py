"""A workbook of projects in, a workbook of answers out: the check report without the official files."""
from __future__ import annotations

import platform
from pathlib import Path

from .. import __version__
from ..guideline.bundle import edition, edition_ids
from ..intake.projects import read_projects
from .checking import check_project
from .files import write_whole
from .report import Report, render_report


def write_answers(source: Path, edition_name: str | None, target: Path) -> int:
    """Assess a project list (only the category column is needed) into a report workbook; returns the number of problems."""
    chosen = edition(edition_name or edition_ids()[0])
    listed = read_projects(source, chosen, needed=())
    checked = [check_project(project) for project in listed.projects]
    run = [("xltool版本", __version__), ("Python", platform.python_version()), ("项目清单", Path(source).name),
           ("清单校验值（SHA-256）", listed.sha256), ("指南版本", f"{chosen.id} {chosen.title}"), ("指南校验值（SHA-256）", chosen.sha256)]
    report = Report(chosen, checked, listed.problems, listed.skipped, run)
    write_whole(target, render_report(report))
    return report.problem_count
