"""The server below the application: heads, framing, versions, and who is waited for how long."""
