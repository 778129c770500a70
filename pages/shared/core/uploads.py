"""The uploaded graph of a session, and its copy for the time after a reload of the page."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from pages.shared.state.owner import owner_id, session_id
from torque_core import DatasetSpec, Noise
from torque_core.datasets.importers import ColumnRoles, ImportedGraph
from torque_core.datasets.info import USER_GRAPH
from torque_core.io.source_code import GraphCode

__all__ = ["Upload", "UploadStore", "current_upload", "forget_upload", "graph_code", "keep_upload", "restore_upload"]

_MAX_BYTES = 500_000_000
_MAX_SECONDS = 2 * 3600.0


@dataclass(frozen=True)
class Upload:
    """Files that were uploaded, and the graph that was read from them.

    Attributes:
        files: Content by file name, so that other roles of the columns can be chosen.
        roles: The roles that the user has chosen.
        graph: The graph.
        directed: Whether the directions of its edges are kept.
    """

    files: dict[str, bytes]
    roles: ColumnRoles
    graph: ImportedGraph
    directed: bool = False

    @property
    def nbytes(self) -> int:
        """Memory of the files and of the tensors of the graph, in bytes."""
        tensors = self.graph.graph.data.to_dict().values()
        return sum(map(len, self.files.values())) + sum(getattr(tensor, "nbytes", 0) for tensor in tensors)


@dataclass
class UploadStore:
    """The latest upload of each browser; the least recently used are dropped if they exceed a size or an age.

    Attributes:
        max_bytes: Largest size of all uploads together.
        max_seconds: Time since the last use after which an upload is dropped.
    """

    max_bytes: int = _MAX_BYTES
    max_seconds: float = _MAX_SECONDS
    _uploads: OrderedDict[str, tuple[Upload, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, owner: str, upload: Upload) -> None:
        """Replace the upload of a browser, unless it is larger than all may be together."""
        with self._lock:
            self._uploads.pop(owner, None)
            if upload.nbytes <= self.max_bytes:
                self._uploads[owner] = upload, time.monotonic()
            self._drop()

    def find(self, owner: str) -> Upload | None:
        """Return the upload of a browser, if it is still there."""
        with self._lock:
            self._drop()
            if owner not in self._uploads:
                return None
            upload, _ = self._uploads[owner]
            self._uploads[owner] = upload, time.monotonic()
            self._uploads.move_to_end(owner)
            return upload

    def forget(self, owner: str) -> None:
        """Drop the upload of a browser."""
        with self._lock:
            self._uploads.pop(owner, None)

    def _drop(self) -> None:
        oldest = time.monotonic() - self.max_seconds
        size = sum(upload.nbytes for upload, _ in self._uploads.values())
        for owner, (upload, used) in list(self._uploads.items()):
            if used >= oldest and size <= self.max_bytes:
                break
            del self._uploads[owner]
            size -= upload.nbytes


@st.cache_resource(show_spinner=False)
def _store() -> UploadStore:
    """The store of this server."""
    return UploadStore()


def current_upload() -> Upload | None:
    """Return the upload of this session."""
    return st.session_state.get("upload_in_use")


def keep_upload(upload: Upload) -> None:
    """Use an upload in this session, and keep it for the time after a reload.

    A browser that refuses cookies cannot be recognised, so its upload ends with the session.
    """
    st.session_state.update(upload_in_use=upload, uploaded_graph=upload.graph)
    if owner_id() != session_id():
        _store().keep(owner_id(), upload)


def forget_upload() -> None:
    """Forget the upload of this session and of this browser."""
    for key in ("upload_in_use", "uploaded_graph"):
        st.session_state.pop(key, None)
    _store().forget(owner_id())


def restore_upload() -> None:
    """Use the upload of this browser in a new session. Called before the link of the page is read."""
    if "upload_restored" in st.session_state:
        return
    st.session_state.upload_restored = True
    if owner_id() != session_id() and (upload := _store().find(owner_id())) is not None:
        st.session_state.update(upload_in_use=upload, uploaded_graph=upload.graph)


def graph_code(dataset: DatasetSpec, noise: Noise) -> GraphCode:
    """Return the code that loads a graph of this session and adds noise."""
    upload = current_upload()
    if upload is None or dataset.name != USER_GRAPH:
        return GraphCode(dataset, noise)
    return GraphCode(dataset, noise, upload.graph.files, upload.roles)
