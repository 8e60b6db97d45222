"""Mixed users load a Mayfly, without a user interface (Locust)."""
