"""The reference of the site: pages made of the code itself, each time the site is built."""
