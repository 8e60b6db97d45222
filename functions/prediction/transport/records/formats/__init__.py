"""The forms that records come in, and predictions go out in: a module each."""
