"""Word templates: docxtpl's language, compiled once.

docxtpl knows how tags stand in a document (runs that split them, rows and columns that loop, merged cells); it is asked once, when
a template is loaded. What it leaves open is closed here: every tag is checked before any data are seen, values are text, and the
file that comes out is one Word opens.
"""
