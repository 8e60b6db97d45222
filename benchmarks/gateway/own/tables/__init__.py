"""Tables: pandas and scikit-learn."""
