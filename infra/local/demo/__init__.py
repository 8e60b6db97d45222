"""The demo: from a CSV file to a served prediction, over HTTP alone."""
