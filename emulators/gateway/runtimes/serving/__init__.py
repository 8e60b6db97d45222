"""What a replica serves besides a WSGI app of functions-framework, and how."""
