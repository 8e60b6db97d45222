"""Jobs where they are kept, and the functions that training calls."""
