"""A Service as a whole: its fields, annotations and traffic."""
