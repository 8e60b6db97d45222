"""Where rows come from that nobody sends: URLs and databases."""
