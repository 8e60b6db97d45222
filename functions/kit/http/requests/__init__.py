"""What comes in: who calls, and bodies that are bounded, whole and decoded."""
