"""Asynchronous calls: taken in, asked for, cancelled."""
