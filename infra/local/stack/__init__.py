"""The parts of the local plane: started, watched, restarted, stopped."""
