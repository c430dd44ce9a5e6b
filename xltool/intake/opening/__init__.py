"""Files opened, whatever they are: recognised by their bytes, decrypted, read in a process of their own.

    source       one file, in this process
    isolation    many files side by side, each child process with limits on time and memory; `child` is what runs there
    kinds        what a file is, by its bytes; `encoding` for texts
    encryption   files with a password
    refusal      why a file cannot be read, in one wording
    readers      one for each kind of file
"""
from .isolation import read_sources
from .source import read_source

__all__ = ["read_source", "read_sources"]
