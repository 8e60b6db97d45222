"""The figures of the README: chosen here, recorded with their day, written as one table."""
