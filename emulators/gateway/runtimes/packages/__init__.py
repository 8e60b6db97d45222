"""Functions' own packages: installed at the deploy, shared by all that name the same."""
