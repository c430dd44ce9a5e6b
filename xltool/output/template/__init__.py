"""Fills xlsx templates: docxtpl's tags in, a finished workbook out, everything no tag touches kept byte for byte.

    template = Template.load("汇总表.xlsx")
    data = template.render({"projects": projects})

Loading is slow (tens of milliseconds) and finds every mistake of the template; rendering is fast.
"""

from .problems import TemplateError
from .template import Template, Use

__all__ = ["Template", "TemplateError", "Use"]
AnyTemplate = Template
def load_template(path): return Template.load(path)
Template.suffix = ".xlsx"
