"""Somebody who works on tasks, by the REST of a console: so that some are accepted and closed."""

import httpx

from domain.retention.task import TaskState
from tests.faults.soak.site import Site

TASKS_A_VISIT = 3
SECONDS_TO_ANSWER = 60.0


def work(site: Site) -> int:
    """Accept and close some tasks that are offered; return how many. Only while all is well."""
    (console,) = site.of("console")
    closed = 0
    url = f"http://127.0.0.1:{console.door}/v1"
    with httpx.Client(base_url=url, timeout=SECONDS_TO_ANSWER) as client:
        offered = client.get("/tasks", params={"state": TaskState.OFFERED, "limit": TASKS_A_VISIT})
        offered.raise_for_status()
        for task in offered.json()["tasks"]:
            headers = {"holdfast-manager": task["manager"], "if-match": f'"{task["version"]}"'}
            accepted = client.post(f"/tasks/{task['task_id']}/accept", headers=headers)
            if accepted.status_code != httpx.codes.OK:
                continue  # others were first
            headers["if-match"] = accepted.headers["etag"]
            outcome = {"outcome": "unreachable"}
            done = client.post(f"/tasks/{task['task_id']}/close", json=outcome, headers=headers)
            closed += done.status_code == httpx.codes.OK
    return closed
