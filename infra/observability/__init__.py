"""What Prometheus, Alertmanager and Grafana need to watch a Mayfly."""
