"""Excel on Windows: a ready add-in (.xlam) whose functions and buttons call this package through xlwings.

    com      the functions as xlwings' UDF server finds them
    vba      the VBA of the add-in: a wrapper per function, the buttons, what happens when it opens
    build    the .xlam: xlwings' own add-in with our VBA, ribbon and texts

Nothing here was run in Excel; what the tests do run stands in docs/excel.md.
"""
