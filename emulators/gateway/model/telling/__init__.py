"""What is made of logs and counts: lines understood, and what is unusual in them (pure)."""
