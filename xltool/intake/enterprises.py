"""Enterprises and what they state, read from a workbook: a row each below the headings, or labels in a column beside the values.

An enterprise comes back as a `Project` of the edition's stand-in programme (`Edition.whole`), which knows every fact; a category
column is not needed. A heading means the fact of that name, or the one it is an alias of.
"""
from __future__ import annotations

from pathlib import Path

from ..rules.model import Edition
from ..rules.problems import ProblemsError
from .headers import Vocabulary
from .lists import list_of
from .opening import read_source
from .projects import ProjectList


def read_enterprises(path: Path, edition: Edition) -> ProjectList:
    """The enterprises of a workbook. Raises ProblemsError when the file cannot be read at all."""
    source = read_source(path)
    if not source.grids:
        raise ProblemsError(source.problems)
    return list_of(source, Vocabulary(edition, lambda _: (edition.whole,), (edition.whole,)), needed=())
