"""The documentation as a site: all pages of the repository, with what they link to."""
