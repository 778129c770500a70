import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from torque_core.errors import BadFile
from torque_core.out_of_core.edge_source import (
    EdgeColumns,
    EdgePart,
    check_columns,
    count_edges,
    edge_files,
    read_edges,
    split_edges,
)

NAMES = EdgeColumns()


def parquet(tmp_path, columns, **options):
    pq.write_table(pa.table(columns), tmp_path / "edges.parquet", **options)
    return edge_files(tmp_path / "edges.parquet")


def test_parts_are_whole_row_groups(tmp_path):
    files = parquet(tmp_path, {"source": range(10), "target": range(1, 11)}, row_group_size=3)
    assert count_edges(files) == 10
    parts = split_edges(files, 6)
    assert [part.groups for part in parts] == [(0, 2), (2, 4)]
    ends = np.concatenate([ends for part in parts for ends, _ in read_edges(part, NAMES, 11)], axis=1)
    assert np.array_equal(ends, [range(10), range(1, 11)])


def test_a_csv_file_is_one_part_and_may_have_weights(tmp_path):
    (tmp_path / "edges.csv").write_text("target,weight,source\n1,0.5,0\n2,0,1\n")
    files = edge_files(tmp_path / "edges.csv")
    assert count_edges(files) >= 2
    assert check_columns(files, NAMES)
    ((ends, weight),) = read_edges(*split_edges(files, 1), NAMES, 3)
    assert ends.tolist() == [[0, 1], [1, 2]]
    assert weight.tolist() == [0.5, 0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"source": [0], "tarket": [1]}, "has no column 'target', only source, tarket; did you mean 'tarket'"),
        ({"source": [0, 1], "target": [1, 3]}, r"row 2: target is 3, but the features have 3 rows"),
        ({"source": [0, -1], "target": [1, 2]}, "row 2: source is -1"),
        ({"source": [0.5], "target": [1]}, "must hold node numbers, integers from 0; got float64"),
        ({"source": ["a"], "target": [1]}, "must hold numbers, got"),
        ({"source": [0, None], "target": [1, 2]}, "has 1 missing values"),
        ({"source": [0], "target": [1], "weight": [-1.0]}, "row 1: weight must be finite and at least 0, got -1"),
    ],
)
def test_a_wrong_column_is_one_error(tmp_path, columns, message):
    files = parquet(tmp_path, columns)

    def read():
        check_columns(files, NAMES)
        return [list(read_edges(part, NAMES, 3)) for part in split_edges(files, 10)]

    with pytest.raises(BadFile, match=message):
        read()


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(BadFile, match="there is no such file"):
        edge_files(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadFile, match="has no files"):
        edge_files(tmp_path / "empty")
    (tmp_path / "edges.xlsx").touch()
    with pytest.raises(BadFile, match=r"neither a \.parquet nor a \.csv"):
        edge_files(tmp_path / "edges.xlsx")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadFile, match="is not a Parquet file"):
        count_edges(edge_files(tmp_path / "cut.parquet"))
    (tmp_path / "ragged.csv").write_text("source,target\n0,1,2\n")
    with pytest.raises(BadFile, match="cannot read"):
        list(read_edges(EdgePart(str(tmp_path / "ragged.csv")), NAMES, 3))
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "a.csv").write_text("source,target\n0,1\n")
    (tmp_path / "some" / "b.csv").write_text("source,target,weight\n0,1,1\n")
    with pytest.raises(BadFile, match="some files have a column 'weight'"):
        check_columns(edge_files(tmp_path / "some"), NAMES)
