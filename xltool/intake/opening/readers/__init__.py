"""One module per kind of file. Each has `read(data, source)`, which fills the source's grids and problems or raises a Refusal."""
