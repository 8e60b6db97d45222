"""Steps: where they are kept, and what tells functions to look at them."""
