"""The JSON and XML APIs over HTTP."""
