"""Alerts: rules are kept and evaluated, notices sent, acts done."""
