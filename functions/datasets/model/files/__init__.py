"""Files of rows: bytes to cells, and what the cells are."""
