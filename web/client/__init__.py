"""A typed client of the functions' HTTP API: all that web knows of the rest of Mayfly."""
