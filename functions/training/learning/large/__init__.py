"""Tables that do not fit into memory as a whole: how many rows do, and the fit on all."""
