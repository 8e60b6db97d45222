"""Pictures of the pages, by a browser that nobody sees."""
