"""What a release is made of: its notes, its packages and their licences, the wheel."""
