"""How rows of now differ from those that a version learnt from; pure."""
