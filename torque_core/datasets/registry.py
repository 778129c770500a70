"""The registry of data sets.

Sizes and homophily describe the graph that :func:`load` returns and were measured with it, with two exceptions:
the sizes of Amazon Computers, Coauthor Physics, Roman-empire, Amazon-ratings, Questions, WikiCS and Flickr are those in
PyG's documentation (halved if it counts both directions) and those of Penn94 its authors', all without homophily; and
the numbers of the block model are expected values for its default settings. Papers often count self-loops and both
directions of an edge, so their numbers can differ.

Edges have directions in the raw files of WikiCS and of Geom-GCN's data sets only: those of WebKB, of the original
Wikipedia networks and of Actor. Those of the filtered Wikipedia networks list every edge once, smaller end first, and
those of the others list both directions or are undirected by nature.

Names of classes are those of the source, in the order of the labels: as stored with the data (Amazon, WikiCS, Coauthor;
those of Coauthor Physics are the journals), as documented and identified by the sizes of the classes (Cora, CiteSeer,
PubMed, Minesweeper, Tolokers), by the number of flights (airports: quarters by activity), by finding each page's
features in the files of Sen et al. (WebKB), by the average monthly traffic in the files of Rozemberczki et al., whose
ranges do not overlap between classes (Wikipedia networks; the filtered ones have the same labels), or by the coding of
the gender, 1 female and 2 male, which the numbers of students at women's colleges confirm (Facebook). Those of Actor,
Flickr, Roman-empire, Amazon-ratings and Questions have no names: no source states which label stands for which class.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from torque_core.datasets.info import (
    GEOM_GCN,
    GRAPHSAINT,
    LINKX,
    PUBLIC,
    PUBLISHED,
    SEEDED,
    WIKI_CS,
    DatasetInfo,
    SplitScheme,
)
from torque_core.datasets.splits import PerClass

__all__ = ["DATASETS"]

_PITFALLS = "Shchur et al., Pitfalls of Graph Neural Network Evaluation, 2018"
_PLATONOV = "Platonov et al., A Critical Look at the Evaluation of GNNs under Heterophily, 2023"
_UNSTATED = "none stated"

_built_in = partial(DatasetInfo, kind="built in")
_download = partial(DatasetInfo, kind="download")
_planetoid = partial(
    _download,
    source="Sen et al., 2008; Yang et al., Revisiting Semi-Supervised Learning with Graph Embeddings, 2016",
    licence="MIT",
    splits=(PUBLIC, GEOM_GCN, *SEEDED),
)
_geom_gcn = partial(
    _download,
    source="Pei et al., Geom-GCN, 2020",
    licence=_UNSTATED,
    splits=(GEOM_GCN, *SEEDED),
    has_directions=True,
)
_web_pages = partial(_geom_gcn, description="Web pages of a university and the hyperlinks between them.")
_TRAFFIC = ("lowest traffic", "low traffic", "medium traffic", "high traffic", "highest traffic")
_wikipedia = partial(_geom_gcn, class_names=_TRAFFIC)
_heterophilous = partial(_download, source=_PLATONOV, licence="MIT", splits=(PUBLISHED, *SEEDED))
_pitfalls = partial(_download, source=_PITFALLS, licence="MIT")
_linkx = partial(
    _download,
    description="Facebook friendships at a US university in 2005; the class is the stated gender.",
    source="Traud et al., 2012; Lim et al., Large Scale Learning on Non-Homophilous Graphs, 2021",
    licence=_UNSTATED,
    class_names=("female", "male"),
)
_airports = partial(
    _download,
    description="Airports and commercial flights between them; the class is the level of activity.",
    source="Ribeiro et al., struc2vec, 2017",
    licence="MIT",
    class_names=("busiest quarter", "second quarter", "third quarter", "quietest quarter"),
)

# name, title, nodes, edges, features, classes, homophily, description
_ENTRIES = (
    _built_in(
        "karate", "Zachary's karate club", 34, 78, 34, 4, 0.7564,
        "Friendships in a karate club; the classes are communities found by modularity.",
        source="Zachary, 1977, with the classes of Kipf and Welling, 2017",
        licence="MIT (as shipped with PyG)",
    ),
    _built_in(
        "davis", "Davis' Southern women", 32, 89, 32, 2, 0.0,
        "Attendance of 18 women at 14 events: two classes, and every edge is between them.",
        source="Davis, Gardner and Gardner, Deep South, 1941",
        licence="BSD-3-Clause (as shipped with NetworkX)",
        class_names=("woman", "event"),
    ),
    _built_in(
        "digits", "Handwritten digits", 1_797, 6_309, 64, 10, 0.9726,
        "Images of 8 x 8 pixels, each connected to its 5 nearest neighbours.",
        source="Alpaydin and Kaynak, UCI, 1998",
        licence="BSD-3-Clause (as shipped with scikit-learn)",
    ),
    _built_in(
        "block_model", "Contextual block model", 120, 360, 16, 3, 0.9,
        "A random graph with chosen size, homophily and strength of the feature signal.",
        source="Deshpande et al., Contextual Stochastic Block Models, 2018",
        licence="none needed (generated)",
    ),
    _planetoid(
        "cora", "Cora", 2_708, 5_278, 1_433, 7, 0.8100, "Machine-learning papers and their citations.",
        class_names=(
            "theory", "reinforcement learning", "genetic algorithms", "neural networks", "probabilistic methods",
            "case-based reasoning", "rule learning",
        ),
    ),
    _planetoid(
        "citeseer", "CiteSeer", 3_327, 4_552, 3_703, 6, 0.7355, "Computer-science papers and their citations.",
        class_names=(
            "artificial intelligence", "machine learning", "information retrieval", "databases", "agents",
            "human-computer interaction",
        ),
    ),
    _planetoid(
        "pubmed", "PubMed", 19_717, 44_324, 500, 3, 0.8024, "Diabetes papers and their citations.",
        class_names=("experimental diabetes", "type 1 diabetes", "type 2 diabetes"),
    ),
    _web_pages(
        "texas", "Texas", 183, 279, 1_703, 5, 0.0609,
        class_names=("course", "staff", "project", "student", "faculty"),
    ),
    _web_pages(
        "cornell", "Cornell", 183, 277, 1_703, 5, 0.1227,
        class_names=("course", "staff", "faculty", "student", "project"),
    ),
    _web_pages(
        "wisconsin", "Wisconsin", 251, 450, 1_703, 5, 0.1778,
        class_names=("staff", "course", "student", "faculty", "project"),
    ),
    _wikipedia(
        "chameleon", "Chameleon", 2_277, 31_371, 2_325, 5, 0.2299,
        "Wikipedia pages about chameleons; the class is the traffic. Many test nodes are duplicates of training nodes.",
    ),
    _wikipedia(
        "squirrel", "Squirrel", 5_201, 198_353, 2_089, 5, 0.2221,
        "Wikipedia pages about squirrels; the class is the traffic. Many test nodes are duplicates of training nodes.",
    ),
    _heterophilous(
        "chameleon_filtered", "Chameleon, filtered", 890, 8_854, 2_325, 5, 0.2361,
        "Chameleon without its duplicate nodes.",
        class_names=_TRAFFIC,
    ),
    _heterophilous(
        "squirrel_filtered", "Squirrel, filtered", 2_223, 46_998, 2_089, 5, 0.2072,
        "Squirrel without its duplicate nodes.",
        class_names=_TRAFFIC,
    ),
    _geom_gcn("actor", "Actor", 7_600, 26_659, 932, 5, 0.2167, "Actors; edges join those on one Wikipedia page."),
    _heterophilous(
        "roman_empire", "Roman-empire", 22_662, 32_927, 300, 18, None,
        "The words of the Wikipedia article on the Roman Empire; the class is the syntactic role.",
    ),
    _heterophilous(
        "amazon_ratings", "Amazon-ratings", 24_492, 93_050, 300, 5, None,
        "Products that are often bought together; the class is the mean rating.",
    ),
    _heterophilous(
        "minesweeper", "Minesweeper", 10_000, 39_402, 7, 2, 0.6828,
        "A grid of 100 x 100 cells; one cell in five is a mine.",
        metric="roc_auc",
        class_names=("no mine", "mine"),
    ),
    _heterophilous(
        "tolokers", "Tolokers", 11_758, 519_000, 10, 2, 0.5945,
        "Crowd workers who shared a task; the class is whether they were banned.",
        metric="roc_auc",
        class_names=("not banned", "banned"),
    ),
    _heterophilous(
        "questions", "Questions", 48_921, 153_540, 301, 2, None,
        "Users who answered each other on a question site; the class is whether they remained active.",
        metric="roc_auc",
    ),
    _pitfalls(
        "amazon_computers", "Amazon Computers", 13_752, 245_861, 767, 10, 0.7772,
        "Computers and accessories that are often bought together.",
        class_names=(
            "desktops", "data storage", "laptops", "monitors", "computer components", "video projectors", "routers",
            "tablets", "networking products", "webcams",
        ),
    ),
    _pitfalls(
        "amazon_photo", "Amazon Photo", 7_650, 119_081, 745, 8, 0.8272,
        "Photo equipment that is often bought together.",
        class_names=(
            "film photography", "digital cameras", "binoculars and scopes", "lenses", "tripods and monopods",
            "video surveillance", "lighting and studio", "flashes",
        ),
    ),
    _pitfalls(
        "coauthor_cs", "Coauthor CS", 18_333, 81_894, 6_805, 15, 0.8081,
        "Co-authors in computer science; the class is the research field.",
        class_names=(
            "bioinformatics", "machine learning", "computer vision", "natural language processing", "graphics",
            "networks", "security", "databases", "data mining", "game theory", "human-computer interaction",
            "information theory", "medical informatics", "robotics", "theoretical computer science",
        ),
    ),
    _pitfalls(
        "coauthor_physics", "Coauthor Physics", 34_493, 247_962, 8_415, 5, None,
        "Co-authors in physics; the class is the research field.",
        class_names=(
            "Physical Review D", "Physical Review A", "Physical Review B", "Physical Review C", "Physical Review E",
        ),
    ),
    _linkx("penn94", "Penn94", 41_554, 1_362_229, 4_814, 2, None, splits=(LINKX, *SEEDED)),
    _linkx("reed98", "Reed98", 962, 18_812, 745, 2, 0.5216),
    _linkx("amherst41", "Amherst41", 2_235, 90_954, 1_193, 2, 0.5306),
    _linkx("cornell5", "Cornell5", 18_660, 790_777, 4_735, 2, 0.5464),
    _linkx("johnshopkins55", "Johns Hopkins55", 5_180, 186_586, 2_406, 2, 0.5488),
    _download(
        "wikics", "WikiCS", 11_701, 216_123, 300, 10, None,
        "Wikipedia articles on computer science and the hyperlinks between them; the class is the branch.",
        source="Mernyei and Cangea, Wiki-CS: A Wikipedia-Based Benchmark for Graph Neural Networks, 2020",
        licence="MIT",
        splits=(WIKI_CS, *SEEDED),
        has_directions=True,
        class_names=(
            "computational linguistics", "databases", "operating systems", "computer architecture",
            "computer security", "internet protocols", "computer file systems",
            "distributed computing architecture", "web technology", "programming language topics",
        ),
    ),
    _download(
        "flickr", "Flickr", 89_250, 449_878, 500, 7, None,
        "Photographs that share properties such as place, gallery or user; the class is made of the tags.",
        source="Zeng et al., GraphSAINT: Graph Sampling Based Inductive Learning Method, 2020",
        licence=_UNSTATED,
        splits=(GRAPHSAINT, *SEEDED),
    ),
    _airports("airports_usa", "Airports, USA", 1_190, 13_599, 1_190, 4, 0.6978),
    _airports("airports_brazil", "Airports, Brazil", 131, 1_003, 131, 4, 0.4307),
    _airports("airports_europe", "Airports, Europe", 399, 5_993, 399, 4, 0.4046),
)  # fmt: skip

_LABEL_RATES, _VALIDATION = (5, 10, 20, 40), 500  # training nodes per class; validation nodes in total


def _by_label_rate(info: DatasetInfo) -> Iterator[SplitScheme]:
    """Yield the schemes with few labels; the fraction of test nodes depends on the data set."""
    for train in _LABEL_RATES:
        plan = PerClass(train, _VALIDATION, 1.0)  # unknown size: assume that all are test nodes
        if info.nodes is not None and info.classes is not None:
            plan = PerClass.of(train, _VALIDATION, nodes=info.nodes, classes=info.classes)
        description = (
            f"{train} training nodes per class, at most half of the class; {_VALIDATION} validation nodes, or a tenth "
            "of a small graph; sampled by seed"
        )
        yield SplitScheme(f"per-class-{train}", description, 10, plan)


#: All data sets by name, the built-in ones first.
DATASETS: Mapping[str, DatasetInfo] = MappingProxyType(
    {info.name: replace(info, splits=(*info.splits, *_by_label_rate(info))) for info in _ENTRIES}
)
