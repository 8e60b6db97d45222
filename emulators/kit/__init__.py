"""What every emulator shares: whom a listener answers, and secrets in files."""
