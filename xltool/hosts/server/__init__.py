"""Excel on the web, on the Mac and in 365: xlwings Server with our functions, our ribbon and our borders.

    run           `xltool serve`: what must be there, what is said at the start
    address       where the server is reached, and under which names it may be asked
    application   the ASGI application: xlwings Server's, set up for us, within the borders
    borders       whom the server answers, and how much it reads
    served        the modules xlwings Server wants, made of the one definition and the ribbon's actions
    manifest      the file an administrator gives to Excel
    pages/        the task pane, its script and icons; they take the place of xlwings Server's own by name

xlwings Server is no part of xltool and has its own licence (PolyForm Noncommercial or a paid one); it comes with the extra `server`.
"""
