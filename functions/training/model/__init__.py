"""What jobs, candidates and tasks are, without I/O."""
