"""Ways to run a replica behind one interface."""
