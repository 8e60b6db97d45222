"""Does a part do well? Probes, liveness, and what a full disk has left behind."""
