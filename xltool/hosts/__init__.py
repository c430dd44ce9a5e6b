"""The functions in spreadsheets, one definition and a thin adapter for each host; the estimator workbook.

    definition   what the seven functions are called, what they take and what is said about them
    functions    what they compute: rows in, rows out, standard library only
    blocks       arguments as rows, and the projects that labels make of them
    guidelines   where the rules come from: bundled editions or a workbook that is named
"""
