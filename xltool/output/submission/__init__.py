"""Submission workbooks (填报模板): what a city sends to its counties, checked while they type and read back without a guess.

    book      the workbook: the page that explains, a sheet per programme, the lists behind the drop-downs
    sheet     one programme's sheet
    columns   which columns it has, what may be typed there, and the hints
    checks    the live formulas: verdict, ceiling, what is broken, what is missing, what is typed wrongly
    lists     the lists behind the drop-downs, counties among them
    guide     the page that explains
    looks     colours and fonts
    paper     the default font, the way sheets print
"""
from .book import ROWS, chosen_programmes, submission_workbook
from .lists import regions

__all__ = ["ROWS", "chosen_programmes", "regions", "submission_workbook"]
