"""What functions say to each other and to callers: pure, without Flask and without Google."""
