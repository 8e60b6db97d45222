"""Grafana's dashboards, built from what is said once of each panel."""
