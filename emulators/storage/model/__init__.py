"""What the rules are made of: names, generations, preconditions, checksums, ranges (pure)."""
