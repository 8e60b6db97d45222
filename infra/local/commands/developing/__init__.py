"""Commands for whoever changes Mayfly itself."""
