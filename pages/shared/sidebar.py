"""The sidebar: the settings that all pages share. Their values live in the session under the keys of SETTINGS."""

import re
from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared.settings import MAX_LAYERS, Settings
from torque_core import DATASETS, BadConfig, BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.additions import ADDITIONS
from torque_core.cuts import CUTS
from torque_core.device import available_devices
from torque_core.forces import FORCES
from torque_core.levers import LEVERS
from torque_core.noise import NOISE_KINDS
from torque_core.registry import Registry
from torque_core.spec import HIERARCHIES
from torque_core.torque import PRODUCTS

__all__ = ["sidebar"]

_PRODUCT_TITLES = {"scalar": "Lever arm × force", "cross": "Vector product"}
_CUT_TITLES = {
    "gap": "Torque gap",
    "fixed": "Fixed fraction",
    "budget": "Fixed number",
    "otsu": "Two classes (Otsu)",
    "mixture": "Two distributions",
    "bernoulli": "Learned in training",
    "none": "Nothing",
}
_ADD_TITLES = {"budget": "Lowest torque", "gap": "As far as like kept edges", "bernoulli": "Learned in training"}


def sidebar() -> Settings | None:
    """Draw the sidebar and return what it says, or None after a message if that cannot be."""
    with st.sidebar:
        try:
            dataset = _dataset()
            noise = _noise()
            rewire, layer = _method()
        except BadConfig as error:
            st.error(str(error), icon=":material/error:")
            return None
        device = st.selectbox(
            "Device",
            available_devices(),
            key="device",
            help="Where to compute: auto takes a GPU where there is one.",
        )
    return Settings(dataset, noise, rewire, layer, device)


def _new_dataset() -> None:
    """Another data set has other splits and other nodes."""
    st.session_state.update(scheme="", split=0, node=0, view="")


def _dataset() -> DatasetSpec:
    name = st.selectbox(
        "Data set",
        list(DATASETS),
        format_func=lambda key: DATASETS[key].title,
        key="data",
        on_change=_new_dataset,
        help="The first four come with the app, the others are downloaded on first use.",
    )
    info = DATASETS[name]
    nodes = "" if info.nodes is None or name == "block_model" else f" {info.nodes:,} nodes, {info.edges:,} edges."
    homophily = (
        "" if info.homophily is None or name == "block_model" else f" Edge homophily {100 * info.homophily:.0f} %."
    )
    st.caption(
        f"{info.description}{nodes}{homophily}",
        help=f"Source: {info.source}. Licence: {info.licence}. "
        + ("Comes with the app." if info.kind == "built in" else "Downloaded on first use."),
    )
    block = _block_model() if name == "block_model" else BlockModel()
    schemes = {scheme.name: scheme for scheme in info.splits}
    if st.session_state.scheme not in schemes:
        st.session_state.scheme = info.default_scheme
    with st.expander("Split", icon=":material/call_split:"):
        scheme = st.selectbox("Scheme", list(schemes), format_func=lambda key: schemes[key].description, key="scheme")
        count = schemes[scheme].count
        st.session_state.split = min(st.session_state.split, count - 1)
        split = st.number_input(
            f"Split, 0 to {count - 1}", 0, max(count - 1, 1), key="split", disabled=count == 1, help="Which of them."
        )
    return DatasetSpec(name, scheme=scheme, split=int(split), block_model=block)


def _block_model() -> BlockModel:
    with st.expander("Block model", icon=":material/scatter_plot:"):
        nodes = st.number_input("Nodes", 2, 5_000, step=50, key="nodes")
        classes = st.number_input("Classes", 1, 8, key="classes")
        degree = st.number_input("Mean degree (edges per node)", 0.5, 50.0, key="degree")
        homophily = st.slider(
            "Homophily", 0, 100, format="%d %%", key="homophily", help="Share of edges that join nodes of one class."
        )
        signal = st.slider(
            "Feature signal",
            0.0,
            5.0,
            step=0.1,
            key="signal",
            help="Length of a class's mean feature vector, against noise of length 1.",
        )
    return BlockModel(int(nodes), int(classes), degree, homophily / 100, signal)


def _noise() -> Noise:
    kind = st.selectbox(
        "Noise",
        list(NOISE_KINDS),
        format_func=NOISE_KINDS.__getitem__,
        key="noise",
        help="What disturbs the graph before it is rewired. Insert edges: between nodes drawn alike, or by degree, "
        "so that hubs stay hubs. DICE: delete edges within a class, insert across classes. "
        "Blur: Gaussian noise on the features.",
    )
    rate = st.slider(
        "Noise level",
        0,
        200,
        step=5,
        format="%d %%",
        key="rate",
        help="Edges inserted, deleted or swapped, in per cent of the graph's edges; "
        "for features, the noise's standard deviation in per cent of theirs.",
    )
    seed = st.number_input("Seed", 0, 999_999, key="seed", help="Of the noise, the chance pairs and the training.")
    return Noise(kind, rate / 100, int(seed))


def _choice(
    label: str, registry: Registry[Callable[..., object]], key: str, titles: Mapping[str, str] | None = None
) -> str:
    """A choice among registered functions, each explained by the first line of its docstring."""
    titles = titles or {}

    def title(name: str) -> str:
        return titles.get(name, name.replace("_", " "))

    meanings = "\n".join(f"- **{title(name)}**: {_for_markdown(registry.describe(name))}" for name in registry)
    return st.selectbox(label, list(registry), format_func=title, key=key, help=meanings)


def _for_markdown(text: str) -> str:
    """A docstring's line with its formulas as Markdown has them."""
    return re.sub(r":math:`([^`]*)`", r"$\1$", text)


def _method() -> tuple[RewireSpec, int]:
    lever = _choice("Lever arm", LEVERS, "lever")
    force = _choice("Force", FORCES, "force")
    product, temperature, confidence = (st.session_state[key] for key in ("product", "temperature", "confidence"))
    with st.expander("Torque", icon=":material/rotate_right:"):
        product = st.selectbox(
            "Product",
            PRODUCTS,
            format_func=_PRODUCT_TITLES.__getitem__,
            key="product",
            help="Lever arm × force; or the size of their vector product, which also counts the angle between them.",
        )
        if force == "free":
            temperature = st.number_input(
                "Temperature", 0.01, 100.0, key="temperature", persist_state="session", help="Of the free energy."
            )
        if force == "disparity":
            confidence = st.slider(
                "Confidence",
                0,
                100,
                format="%d %%",
                key="confidence",
                persist_state="session",
                help="A node gets a pseudo-label from this class probability upwards.",
            )
    cut = _choice("Cut", CUTS, "cut", _CUT_TITLES)
    fraction, budget = st.session_state.fraction, st.session_state.budget
    if cut == "fixed":
        fraction = st.slider(
            "Fraction to cut", 0, 100, format="%d %% of the edges", key="fraction", persist_state="session"
        )
    if cut == "budget":
        budget = st.number_input(
            "Edges to cut", 0, 10_000_000, step=10, key="budget", persist_state="session", help="In each layer."
        )
    with st.expander("Layers and additions", icon=":material/layers:"):
        layers = int(st.number_input("Layers", 1, MAX_LAYERS, key="layers", help="Of the GNN: each has its own graph."))
        hierarchy = st.selectbox(
            "Hierarchy",
            HIERARCHIES,
            key="hierarchy",
            help="independent: each layer judges the input graph's edges anew, in the light of the graph of the layer "
            "before; nested: what a layer cuts stays cut.",
        )
        add = _choice("Which links are added", ADDITIONS, "add", _ADD_TITLES)
        hops = st.number_input(
            "Hops to candidates",
            2,
            4,
            key="hops",
            help="How far apart the ends of a new link may be, beside the nearest.",
        )
        additions = st.slider(
            "Links added at most",
            0,
            200,
            step=5,
            format="%d %% of the pruned",
            key="additions",
            help="New links of low torque, in per cent of the number of edges pruned.",
        )
    st.session_state.layer = min(st.session_state.layer, layers)
    layer = st.session_state.layer
    if layers > 1:
        layer = st.slider(
            "Layer shown", 1, layers, key="layer", help="Which layer's graph the views show.", persist_state="session"
        )
    spec = RewireSpec(
        lever=lever,
        force=force,
        product=product,
        temperature=temperature,
        confidence=confidence / 100,
        cut=cut,
        fraction=fraction / 100,
        budget=int(budget),
        add=add,
        additions=additions / 100,
        hops=int(hops),
        layers=layers,
        hierarchy=hierarchy,
        seed=st.session_state.seed,
    )
    return spec, layer - 1
