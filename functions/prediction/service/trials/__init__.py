"""An alias's calls are shared out: who answers, what comes of it, and who follows."""
