"""How people come in: sign-in, sign-up, passwords, sessions, and tries that are slowed."""
