"""Calls of other functions: where they are, who may make them, and when they are made again."""
