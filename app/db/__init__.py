"""The database: connections, column types, tables and the data version."""
