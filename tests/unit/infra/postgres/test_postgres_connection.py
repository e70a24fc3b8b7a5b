"""PostgreSQL is reached in a schema of our own, and an outage is told with how to mend it."""

import pytest

from infra.postgres.connection import PostgresUnavailableError, open_postgres
from infra.postgres.settings import PostgresSettings, PostgresSettingsError, read_settings
from tests.support.postgres_server import PostgresServer
from tests.support.servers import free_port
from tests.support.world import awaited


@awaited
async def test_the_schema_is_made_and_searched_first(postgres_server: PostgresServer) -> None:
    settings = postgres_server.settings("made_here")

    for _ in range(2):  # the second time it is there
        connection = await open_postgres(settings)
        try:
            found = await (await connection.execute("SELECT current_schema()")).fetchone()
        finally:
            await connection.close()
        assert found == ("made_here",)


@awaited
async def test_a_server_that_is_not_there_is_named() -> None:
    url = f"postgresql://127.0.0.1:{free_port()}/holdfast"

    with pytest.raises(PostgresUnavailableError, match=f"{url} does not serve"):
        await open_postgres(PostgresSettings(url=url))


def test_what_cannot_be_a_schema_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_POSTGRES_DB_SCHEMA", "Drop Table")

    with pytest.raises(PostgresSettingsError, match="HOLDFAST_POSTGRES_DB_SCHEMA"):
        read_settings()
