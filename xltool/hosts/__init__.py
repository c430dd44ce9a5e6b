"""The functions in spreadsheets, one definition and a thin adapter for each host; the estimator workbook.

    definition   what the seven functions are called, what they take and what is said about them
    functions    what they compute: rows in, rows out, standard library only
    blocks       arguments as rows, how two ranges go together, the projects under or beside labels
    labels       what labels say of a programme
    answers      verdicts and amounts of many projects at once
    places       places left by what a sheet has chosen
    items        what PROGRAM tells
    guidelines   where the rules come from: bundled editions or a workbook that is named
    libreoffice  the Calc add-in; excel: the add-in for Windows; server: the functions and buttons for Excel on the web, Mac and 365
    ribbon       what the buttons do with the open book (open_book)
    install      puts an add-in where its program finds it, doctor says what is missing (computer)
    rename       formulas moved between hosts (spelling)
    estimator    a workbook of plain formulas that needs no add-in
"""
