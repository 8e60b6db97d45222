"""How letters leave: by SMTP, or as files."""
