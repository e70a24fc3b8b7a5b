"""Tasks in the console: the inbox, a task's page, what can be commanded, and the same over REST."""
