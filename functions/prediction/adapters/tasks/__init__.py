"""Where calls that are answered later are kept."""
