"""Pages about the system itself: functions, their API, settings."""
