"""What is asked of the operating system: processes, ports, disk space, logs."""
