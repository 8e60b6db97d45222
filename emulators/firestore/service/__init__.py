"""What the calls do: clock, databases, transactions, snapshots, listeners."""
