"""The serverless plane's own API, as its clients use it: for whoever runs the system."""
