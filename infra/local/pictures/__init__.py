"""Pictures: of the pages, by a browser that nobody sees, and of the architecture, by its text."""
