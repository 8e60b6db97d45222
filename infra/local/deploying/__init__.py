"""Deploy files read, and gateways told: what `kubectl` and `faas-cli` would do."""
