"""Print-ready PDFs of the files a batch makes: LibreOffice prints them, many in one run, and what it prints is taken apart and put together.

The same files and the same `created` give the same bytes, whichever run and however many jobs: what LibreOffice notes of the moment is
replaced, and what is printed together does not depend on the jobs. Refused: guessing which pages belong to which sheet.
"""
from .booklet import Part, merge, numbers_pages
from .converter import Converter

__all__ = ["Converter", "Part", "merge", "numbers_pages"]
