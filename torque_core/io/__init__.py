"""Reading and writing of rewirings, graphs and tables."""

from torque_core.io.example_files import example_files
from torque_core.io.export_folder import export_rewiring, summary
from torque_core.io.graph_formats import GRAPH_FORMATS, graph_file
from torque_core.io.rewiring_file import load_rewiring, rewiring_nbytes, save_rewiring
from torque_core.io.snippet import comparison_script, experiment_script, python_snippet, training_script
from torque_core.io.source_code import GraphCode
from torque_core.io.spreadsheets import escape_formulas, spreadsheet_csv
from torque_core.io.tables import edge_table, node_table

__all__ = [
    "GRAPH_FORMATS",
    "GraphCode",
    "comparison_script",
    "edge_table",
    "escape_formulas",
    "example_files",
    "experiment_script",
    "export_rewiring",
    "graph_file",
    "load_rewiring",
    "node_table",
    "python_snippet",
    "rewiring_nbytes",
    "save_rewiring",
    "spreadsheet_csv",
    "summary",
    "training_script",
]
