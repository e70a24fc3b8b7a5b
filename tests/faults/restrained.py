"""What a process may be forbidden before it runs `holdfast`: the superuser's rights, large files."""

import os
import resource
import zoneinfo

NOBODY = 65534


def as_nobody() -> None:
    """Give up the rights of the superuser, to whom nothing is read-only."""
    zoneinfo.ZoneInfo("Europe/London")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setegid(NOBODY)
        os.seteuid(NOBODY)


def with_small_files() -> None:
    """Let no file grow beyond 64 KiB, as a full disk would not."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))
