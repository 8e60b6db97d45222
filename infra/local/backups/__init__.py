"""All state as one archive, and a home made of one."""
