"""Rules as pure functions: nothing here touches a database, a socket or a page."""
