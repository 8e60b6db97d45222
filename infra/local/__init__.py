"""The local plane: one command starts, watches and stops every part on this machine."""
