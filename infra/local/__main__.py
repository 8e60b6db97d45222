"""`python -m infra.local`: the command line."""

from infra.local.cli import main

main()
