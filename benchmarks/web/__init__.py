"""How quick and how light the pages are, with much to show and many who watch."""
