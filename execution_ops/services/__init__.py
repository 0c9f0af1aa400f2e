"""Use cases: authorise, validate, act through the backend, audit, announce."""
