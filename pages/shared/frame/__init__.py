"""Page frame: navigation, sidebar, toolbar and network component."""
