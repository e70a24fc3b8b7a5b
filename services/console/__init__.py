"""The console: the pages that account managers, team leads and operators work in."""
