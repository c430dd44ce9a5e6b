"""A workbook of projects in, a workbook of answers out: the check report without the official files."""
from __future__ import annotations

from pathlib import Path

from ..intake.lists import read_projects
from ..rules.model import Edition
from .checking import check_project
from .files import write_whole
from .report import Report, render_report, run_details


def write_answers(source: Path, edition: Edition, target: Path) -> int:
    """Assess a project list (only the category column is needed) into a report workbook; returns the number of problems."""
    listed = read_projects(source, edition, needed=())
    checked = [check_project(project) for project in listed.projects]
    report = Report(edition, checked, listed.problems, listed.skipped, run_details(edition, [(Path(source).name, listed.sha256)]))
    write_whole(target, render_report(report))
    return report.problem_count
