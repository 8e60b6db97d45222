"""Side by side with peers, one command each."""
