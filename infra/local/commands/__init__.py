"""The commands of ./mayfly, one a module."""
