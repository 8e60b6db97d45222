"""How fast predictions are served, beside what others serve them with, in one run."""
