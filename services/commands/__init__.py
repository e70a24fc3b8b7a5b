"""The `holdfast` command, a file a group of commands."""
