"""What requests of every function have alike: names, pages, conditions, flaws of JSON."""
