"""The rows beside the events: what stands now, in the same transaction, so that nothing is folded to be asked.

The SQL is what SQLite and PostgreSQL both understand; a question mark stands for a value.
"""

VERSION = 2

TABLES = (
    """CREATE TABLE IF NOT EXISTS desk_states (
    stream {text} PRIMARY KEY, kind {text} NOT NULL, name {text} NOT NULL, version BIGINT NOT NULL,
    state {blob} NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS desk_states_by_kind ON desk_states (kind, name)",
    """CREATE TABLE IF NOT EXISTS desk_tasks (
    task_id {text} PRIMARY KEY, account {text} NOT NULL, reason {text} NOT NULL, state {text} NOT NULL,
    manager {text}, due_slot BIGINT NOT NULL, value BIGINT NOT NULL, stake BIGINT NOT NULL,
    offered_until {text}, snoozed_until {text}, waits INTEGER NOT NULL, version BIGINT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS desk_tasks_in_order
    ON desk_tasks (state, due_slot, value DESC, task_id)""",
    """CREATE INDEX IF NOT EXISTS desk_tasks_of_manager
    ON desk_tasks (manager, state, due_slot, value DESC, task_id)""",
    "CREATE INDEX IF NOT EXISTS desk_tasks_of_account ON desk_tasks (account)",
    """CREATE INDEX IF NOT EXISTS desk_tasks_offered
    ON desk_tasks (offered_until) WHERE offered_until IS NOT NULL""",
    """CREATE INDEX IF NOT EXISTS desk_tasks_asleep
    ON desk_tasks (snoozed_until) WHERE snoozed_until IS NOT NULL""",
    """CREATE TABLE IF NOT EXISTS desk_task_customers (
    customer_id {text} NOT NULL, task_id {text} NOT NULL, PRIMARY KEY (customer_id, task_id))""",
    """CREATE TABLE IF NOT EXISTS desk_customers (
    customer_id {text} PRIMARY KEY, account {text} NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS desk_customers_of_account ON desk_customers (account, customer_id)",
    """CREATE TABLE IF NOT EXISTS desk_judgements (
    projection {text} NOT NULL, partition BIGINT NOT NULL, sequence BIGINT NOT NULL,
    turn BIGINT NOT NULL, customer_id {text} NOT NULL, account {text} NOT NULL,
    verdict {text} NOT NULL, gate {text} NOT NULL,
    PRIMARY KEY (projection, partition, sequence, turn))""",
    """CREATE INDEX IF NOT EXISTS desk_judgements_of_customer
    ON desk_judgements (customer_id, sequence, turn)""",
    """CREATE INDEX IF NOT EXISTS desk_judgements_by_verdict
    ON desk_judgements (verdict, gate)""",
    """CREATE TABLE IF NOT EXISTS desk_standings (
    projection {text} NOT NULL, pass BIGINT NOT NULL, customer_id {text} NOT NULL, reason {text} NOT NULL,
    service {text} NOT NULL, stake BIGINT NOT NULL, partition BIGINT NOT NULL,
    sequence BIGINT NOT NULL, emission {text} NOT NULL, data {blob} NOT NULL,
    PRIMARY KEY (projection, partition, sequence))""",
    """CREATE TABLE IF NOT EXISTS desk_line (
    projection {text} NOT NULL, partition BIGINT NOT NULL, sequence BIGINT NOT NULL,
    said_under {text} NOT NULL, customer_id {text} NOT NULL, account {text} NOT NULL, reason {text} NOT NULL,
    service {text} NOT NULL, stake BIGINT NOT NULL, data {blob} NOT NULL,
    PRIMARY KEY (projection, partition, sequence))""",
    """CREATE INDEX IF NOT EXISTS desk_line_in_order
    ON desk_line (stake DESC, customer_id, reason, service)""",
    "CREATE INDEX IF NOT EXISTS desk_line_of_customer ON desk_line (customer_id)",
    "CREATE INDEX IF NOT EXISTS desk_line_of_account ON desk_line (account, reason)",
    """CREATE TABLE IF NOT EXISTS desk_commands (
    name {text} PRIMARY KEY, digest {blob} NOT NULL, answer {blob} NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS desk_standings_in_order
    ON desk_standings (projection, pass, stake DESC, customer_id, reason, service)""",
    """CREATE INDEX IF NOT EXISTS desk_standings_of_customer
    ON desk_standings (customer_id)""",
    "CREATE TABLE IF NOT EXISTS desk_about (name {text} PRIMARY KEY, value {text} NOT NULL)",
)

PUT_STATE = """INSERT INTO desk_states (stream, kind, name, version, state) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (stream) DO UPDATE SET version = excluded.version, state = excluded.state"""
PUT_TASK = """INSERT INTO desk_tasks (task_id, account, reason, state, manager, due_slot, value, stake,
offered_until, snoozed_until, waits, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (task_id) DO UPDATE SET state = excluded.state, manager = excluded.manager,
due_slot = excluded.due_slot, value = excluded.value, stake = excluded.stake,
offered_until = excluded.offered_until, snoozed_until = excluded.snoozed_until,
waits = excluded.waits, version = excluded.version"""
PUT_TASK_CUSTOMER = """INSERT INTO desk_task_customers (customer_id, task_id) VALUES (?, ?)
ON CONFLICT DO NOTHING"""
PUT_CUSTOMER = """INSERT INTO desk_customers (customer_id, account) VALUES (?, ?)
ON CONFLICT (customer_id) DO UPDATE SET account = excluded.account"""
PUT_JUDGEMENT = """INSERT INTO desk_judgements (projection, partition, sequence, turn, customer_id,
account, verdict, gate) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
PUT_STANDING = """INSERT INTO desk_standings (projection, pass, customer_id, reason, service, stake,
partition, sequence, emission, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""
CLEAR_STANDING = """UPDATE desk_standings SET emission = 'cleared'
WHERE projection = ? AND customer_id = ? AND reason = ? AND service = ?"""
DROP_STANDINGS = "DELETE FROM desk_standings WHERE projection = ? AND pass <= ?"
PUT_WAITING = """INSERT INTO desk_line (projection, partition, sequence, said_under, customer_id,
account, reason, service, stake, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
MOVE_WAITING = """UPDATE desk_line SET account = ?, data = ?
WHERE projection = ? AND partition = ? AND sequence = ?"""
DROP_WAITING = "DELETE FROM desk_line WHERE projection = ? AND partition = ? AND sequence = ?"
PUT_COMMAND = "INSERT INTO desk_commands (name, digest, answer) VALUES (?, ?, ?)"
PUT_ABOUT = """INSERT INTO desk_about (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
PUT_PLACE = """INSERT INTO desk_about (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE CAST(desk_about.value AS BIGINT) < CAST(excluded.value AS BIGINT)"""
