"""Deploy files, read into one typed form."""
