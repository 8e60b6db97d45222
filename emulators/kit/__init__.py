"""What emulators share: whom a listener answers, durable files, secrets, options, logs."""
