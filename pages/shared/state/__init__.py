"""Settings of a session and the ways to store them: URL, undo history and session files."""
