"""How good a version is, as labels tell, and as can be expected without them; pure."""
