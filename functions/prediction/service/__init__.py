"""The one layer beneath all transports."""
