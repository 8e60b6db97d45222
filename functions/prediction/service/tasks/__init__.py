"""Calls that are answered later: taken, carried out, shown to who made them."""
