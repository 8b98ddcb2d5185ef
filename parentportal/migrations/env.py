"""What Alembic runs: the steps, on the connection that the runner lends it."""

from alembic import context
from sqlalchemy import Connection

from parentportal.migrations.tables import options

connection: Connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # moving many rows may take its time
    connection.exec_driver_sql("SET LOCAL lock_timeout = '3s'")  # or everybody would queue behind us

context.configure(connection=connection, **options(connection.dialect.name))
with context.begin_transaction():
    context.run_migrations()
