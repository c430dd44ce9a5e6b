"""What a template author or a value can get wrong; a template is refused with all of it at once, never one at a time.

Codes used here, beside `file.unreadable` of the shared tree::

    template
      template.syntax     a tag that cannot be read; {%tr …%} tags that do not pair up; {% vm %} outside a row loop
      template.name       a name the data does not have
      template.value      a value that cannot stand in a cell (NaN, a list, over 32767 characters), or too many rows
      template.failed     a tag that failed while it was filled in
      template.formula    a formula or range that cannot follow the rows
      template.part       a part of the workbook that cannot follow the rows, or a tag where none is filled in
"""

from xltool.rules.problems import Problem, ProblemsError, Where

__all__ = ["Problem", "TemplateError", "Where"]


class TemplateError(ProblemsError):
    """A template, or the data put into it, is refused; `problems` holds every reason."""
