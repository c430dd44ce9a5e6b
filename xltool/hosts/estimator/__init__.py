"""The estimator workbook (测算工作簿): native formulas only, so it computes wherever spreadsheets open.

    book        the workbook put together
    cover       what it is for, and links
    enterprise  企业情况: the facts of one enterprise, once for all programmes
    comparison  对比: all programmes side by side
    projects    清单: a row is a project
    page        the page of one programme
    chart       subsidy over spending
    shortfall   what a broken condition lacks
    answers     what the formulas show, computed by the engine
    given       what is typed in already
    desk        what all sheets share

The rules' formulas are those of the submission workbook (`output.submission.checks`).
"""
from .book import estimator_workbook
from .given import Given, Project

__all__ = ["Given", "Project", "estimator_workbook"]
