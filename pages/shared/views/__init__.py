"""Charts, tables and menus that several pages show."""
