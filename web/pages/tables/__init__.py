"""Pages of data sets: uploads, columns, rows."""
