"""The tables of the inbox, in SQL that SQLite and PostgreSQL both understand.

A row's place is (due slot, minus value, id), all ascending, so that one comparison of rows pages on.
"""

VERSION = 1

TABLES = (
    """CREATE TABLE IF NOT EXISTS console_tasks (
    task_id {text} PRIMARY KEY, account {text} NOT NULL, label {text} NOT NULL, reason {text} NOT NULL,
    bucket {text} NOT NULL, state {text} NOT NULL, manager {text} NOT NULL, due_slot BIGINT NOT NULL,
    minus_value BIGINT NOT NULL, version BIGINT NOT NULL, changed BIGINT NOT NULL,
    entered BIGINT NOT NULL, snoozed_until {text}, data {blob} NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS console_tasks_in_order
    ON console_tasks (bucket, due_slot, minus_value, task_id)""",
    """CREATE INDEX IF NOT EXISTS console_tasks_by_state
    ON console_tasks (state, due_slot, minus_value, task_id)""",
    """CREATE INDEX IF NOT EXISTS console_tasks_of_manager
    ON console_tasks (manager, bucket, due_slot, minus_value, task_id)""",
    "CREATE INDEX IF NOT EXISTS console_tasks_changed ON console_tasks (changed, task_id)",
    "CREATE INDEX IF NOT EXISTS console_tasks_entered ON console_tasks (entered)",
    "CREATE INDEX IF NOT EXISTS console_tasks_label ON console_tasks (label)",
    "CREATE INDEX IF NOT EXISTS console_tasks_account ON console_tasks (account)",
    """CREATE INDEX IF NOT EXISTS console_tasks_asleep
    ON console_tasks (snoozed_until) WHERE snoozed_until IS NOT NULL""",
    """CREATE TABLE IF NOT EXISTS console_task_customers (
    customer_id {text} NOT NULL, task_id {text} NOT NULL, PRIMARY KEY (customer_id, task_id))""",
    """CREATE TABLE IF NOT EXISTS console_counts (
    manager {text} NOT NULL, state {text} NOT NULL, number BIGINT NOT NULL,
    PRIMARY KEY (manager, state))""",
    """CREATE TABLE IF NOT EXISTS console_positions (
    partition_number BIGINT PRIMARY KEY, sequence BIGINT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS console_ticks (one BIGINT PRIMARY KEY, tick BIGINT NOT NULL)",
)

REMADE = ("console_tasks", "console_task_customers", "console_counts", "console_positions")
"""What is thrown away to be made anew; ticks only grow, for open pages remember theirs."""

PUT_TASK = """INSERT INTO console_tasks (task_id, account, label, reason, bucket, state, manager,
due_slot, minus_value, version, changed, entered, snoozed_until, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (task_id) DO UPDATE SET bucket = excluded.bucket, state = excluded.state,
manager = excluded.manager, due_slot = excluded.due_slot, minus_value = excluded.minus_value,
version = excluded.version, changed = excluded.changed, entered = excluded.entered,
snoozed_until = excluded.snoozed_until, data = excluded.data"""
PUT_CUSTOMER = """INSERT INTO console_task_customers (customer_id, task_id) VALUES (?, ?)
ON CONFLICT DO NOTHING"""
ADD_COUNT = """INSERT INTO console_counts (manager, state, number) VALUES (?, ?, ?)
ON CONFLICT (manager, state) DO UPDATE SET number = console_counts.number + excluded.number"""
PUT_POSITION = """INSERT INTO console_positions (partition_number, sequence) VALUES (?, ?)
ON CONFLICT (partition_number) DO UPDATE SET sequence = excluded.sequence"""
PUT_TICK = """INSERT INTO console_ticks (one, tick) VALUES (1, ?)
ON CONFLICT (one) DO UPDATE SET tick = excluded.tick"""
NAME_TASK = "UPDATE console_tasks SET label = ?, changed = ? WHERE task_id = ? AND label = ''"
ROW = "SELECT data, label, changed, entered FROM console_tasks t"
