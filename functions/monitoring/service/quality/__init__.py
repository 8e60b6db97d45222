"""Quality of windows: measured along with them, and told in full when it is asked for."""
