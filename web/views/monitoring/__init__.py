"""How monitoring reads: measures in words, drift as a table, rules and what they came to."""
