"""What each kind of step does, with the libraries that learn."""
