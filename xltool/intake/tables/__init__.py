"""Where the tables of a sheet are: each with its headings, its columns and the role of every row.

    table          the tables one below another and side by side
    heading_rows   headings over one to several rows
    roles, cues    what every row is, and the words that tell
    totals, sums   rows and columns that add others up
    side_by_side   lists beside each other
    turned         labels in a column, values beside them
    columns        what a column is called, its unit and kind
    lines          rows and merged areas of a sheet
"""
from .columns import Column
from .table import EXAMPLE, OLD_COPY, ROLES, Table, find_tables, tables_of, with_tables

__all__ = ["EXAMPLE", "OLD_COPY", "ROLES", "Column", "Table", "find_tables", "tables_of", "with_tables"]
