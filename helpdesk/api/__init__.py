"""The door for other systems: HTTP under /api/v1, described by its own OpenAPI document."""
