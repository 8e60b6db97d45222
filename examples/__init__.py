"""Tables to begin with: two real ones, and three that are made up."""
