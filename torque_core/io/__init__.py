"""Reading and writing rewirings, graphs and tables."""
