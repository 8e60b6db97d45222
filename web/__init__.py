"""The web container: pages for people, made of calls to the functions."""
