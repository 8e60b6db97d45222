"""What a file may hold at most. Each is stated in README.md and named when it is passed."""

COLUMNS = 1_000
NAME_LENGTH = 200  # characters of a column's name
CELL_LENGTH = 100_000  # characters
# Firestore takes documents of 1 MiB; a record is one, and repeats the columns' names.
RECORD_BYTES = 1_000_000
# All columns as JSON: a dataset's document holds them, and so does that of a job trained on it.
SCHEMA_BYTES = 300_000
# How a file is read, as JSON; it is in the dataset's document beside the columns.
READING_BYTES = 400_000
ROWS = 999_999_999  # nine digits in a record's id
FLAWS = 20  # flaws reported together
LEVELS = 1_000  # allowed values of a category
# Firestore's classic limit of writes in a commit; one of them is the dataset's own progress.
BATCH = 499
