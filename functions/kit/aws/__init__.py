"""On AWS Lambda: its events into requests for the same WSGI app as in every container."""
