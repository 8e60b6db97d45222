"""What is tried: algorithms, their settings, how one is fitted and how the best is found."""
