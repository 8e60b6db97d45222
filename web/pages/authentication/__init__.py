"""Pages by which a reader comes in: sign-in, sign-up, passwords, invitations."""
