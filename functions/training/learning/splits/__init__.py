"""Which rows are held out, and which fold each is in: by what a record holds, not by its place."""
