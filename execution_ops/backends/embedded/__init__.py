"""The embedded engine: DBOS executes, our ledger remembers; both in one database."""
