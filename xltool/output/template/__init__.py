"""Fills xlsx and docx templates: docxtpl's tags in, a finished file out, everything no tag touches kept byte for byte.

    template = load_template("汇总表.xlsx")      # or a letter, .docx
    data = template.render({"projects": projects})

Loading is slow (tens of milliseconds) and finds every mistake of the template; rendering is fast.
"""

from .problems import TemplateError
from .template import AnyTemplate, Template, Use, WordTemplate, load_template
from .uses import TagUse, tag_lines, tag_uses

__all__ = ["AnyTemplate", "TagUse", "Template", "TemplateError", "Use", "WordTemplate", "load_template", "tag_lines", "tag_uses"]
