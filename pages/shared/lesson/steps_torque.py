"""The first half of the lesson: from a misleading edge to the torque of all edges, the gap, and pruning."""

from pages.shared.lesson.step import Answer, Question, State, Step, changed

__all__ = ["TORQUE_STEPS"]


def _edge_is_selected(before: State, now: State) -> bool:
    """True if the selection has changed and contains an edge."""
    return now["picked"] != before["picked"] and any("-" in str(item) for item in now["picked"])


TORQUE_STEPS = (
    Step(
        name="mislead",
        title="A link that misleads",
        text="A graph neural network learns what a node is by listening to its neighbours: it averages what they say. "
        "Neighbours of the same group help; each neighbour from another group blurs the message. Here are 36 nodes in "
        "three groups, shown by colour and shape. A third of the links are false: they were inserted at random (◆).",
        prompt="One node and the nodes it listens to: which of them differ in colour from the node in the middle?",
        task="Look at another node.",
        is_done=changed("node"),
        feedback="You are looking at node {node}.",
        controls=("node",),
        location="the field above the picture",
        page="receptive_field",
        question=Question(
            "A node has four neighbours of its own group and four of other groups. What does their average say about "
            "the node?",
            (
                Answer("Its own group", "Half of what it hears comes from other groups."),
                Answer(
                    "A mixture of groups",
                    "Half of the messages speak for its group and half against it: the network cannot decide.",
                    correct=True,
                ),
                Answer("Nothing at all", "The average does carry information, but half of it is misleading."),
            ),
        ),
        teacher_note="Let every student pick a node and call out the fraction of its neighbours that are of its group. "
        "Who finds the worst node? Groups stand for anything that neighbours tend to have in common: the topics of "
        "papers that cite each other, or the interests of friends.",
    ),
    Step(
        name="torque",
        title="Lever arm × force",
        text="Torque is one number per link. As in mechanics, it is a **lever arm** times a **force**. Here, the lever "
        "arm measures how far apart the two ends are in the structure around them, and the force measures how unlike "
        "their features are. The link itself is left out when its ends are compared, because it would make them look "
        "alike.",
        prompt="The chosen link is outlined: does it connect two groups?",
        task="Choose another link: click it in the picture, or pick it from the list. Find one with a torque near 0.",
        is_done=_edge_is_selected,
        feedback="You chose a link: the formula shows its numbers.",
        controls=("picked",),
        location="a click on a link of the network",
        page="explore",
        question=Question(
            "The ends of a link have unlike features, but the structure around them is alike: its lever arm is 0.02. "
            "How much torque does the link have?",
            (
                Answer(
                    "A lot: the force decides",
                    "A force without a lever arm turns nothing, as when you push a door at its hinge.",
                ),
                Answer(
                    "Little", "Torque is a product: one small factor makes it small. The link is kept.", correct=True
                ),
                Answer("None: both factors must be 1", "Torque is not a switch. It grows with either factor."),
            ),
        ),
        teacher_note="A door is a good picture: push near the hinge, then push at the handle. Each factor is one minus "
        "a cosine: 1 for two unrelated nodes, 2 for two opposite ones. Neither factor uses the groups.",
    ),
    Step(
        name="every",
        title="The torque of every link",
        text="All links at once: each bar counts the links with about the same torque. Nobody told torque which links "
        "are false (hatched), yet most of them are on the right. The false links on the left happen to connect nodes "
        "of the same group, so they mislead nobody. How well torque separates the two kinds is measured by the "
        "**AUROC**: the probability that a false link has a higher torque than a true one.",
        prompt="Are the hatched bars to the right of the grey ones, and where do the two overlap?",
        task="Select links of high torque: click bars on the right, draw a box over them, or press the button.",
        is_done=_edge_is_selected,
        feedback="The selected links are outlined in both pictures and counted in the formula.",
        controls=("highest",),
        location="the figure Torque",
        page="explore",
        question=Question(
            "What would an AUROC of 0.5 mean?",
            (
                Answer(
                    "Half of the false links are found",
                    "The AUROC compares pairs of a false and a true link; it does not count links that are found.",
                ),
                Answer(
                    "Torque is no better than tossing a coin",
                    "A false link then ranks above a true one as often as below it.",
                    correct=True,
                ),
                Answer(
                    "Torque is right on every second graph",
                    "The AUROC describes one graph: it averages over all pairs of a false and a true link.",
                ),
            ),
        ),
        teacher_note="Ask before you show the hatching: where would you cut? Then: which true links are far to the "
        "right, and why? Select them and find them in the graph: they connect two groups, as a tenth of the true links "
        "do. Every false link that torque misses connects nodes of the same group.",
    ),
    Step(
        name="gap",
        title="The gap",
        text="How much torque is too much? Pairs of nodes drawn at random show what torque a meaningless link has. A "
        "fraction $S(\\tau)$ of the links has at least torque $\\tau$; of the random pairs, it is $S_0(\\tau)$. About "
        "$\\hat\\pi$ of all links are meaningless. A cut at $\\tau$ removes meaningless links and others: the **gap** "
        "is how many more of the first kind it removes. The cut is placed where the gap is highest, provided that it "
        "rises above what sampling alone would reach.",
        prompt="Below, the blue curve is the gap: is the cut, the dashed line, at its peak?",
        task="Drag the cut away from the peak, or click in the picture, and read the gap there.",
        is_done=changed("threshold"),
        feedback="You cut at a torque of {threshold}.",
        controls=("threshold",),
        location="the slider under the figure",
        page="explore",
        question=Question(
            "On another graph, the peak of the gap lies within the grey band. What is cut?",
            (
                Answer(
                    "Nothing",
                    "Sampling alone can reach that height, so there is no evidence of meaningless links.",
                    correct=True,
                ),
                Answer("Everything above the peak", "The peak may be due to chance; then true links would be lost."),
                Answer("A tenth, to be safe", "A fixed fraction is not safe: on a clean graph it removes true links."),
            ),
        ),
        teacher_note="The formula is this project's; the paper only says that a gap in the sorted torques indicates "
        "how many edges to remove. The band is the Dvoretzky-Kiefer-Wolfowitz bound: the more links, the narrower.",
    ),
    Step(
        name="prune",
        title="Pruning",
        text="Links with a torque at or above the cut are **pruned** (dashed). Cut too few, and false links remain; "
        "cut too many, and true links are lost. In this step the gap is switched off, and you choose how many links "
        "are cut. **Precision** is the fraction of the pruned links that are false; **recall** is the fraction of the "
        "false links that are pruned.",
        prompt="Dashed links with a diamond are false and rightly pruned. Which dashed links are true?",
        task="Cut more than half of all links.",
        is_done=lambda before, now: float(str(now["fraction"])) > 50,
        feedback="You cut {fraction} % of the links: compare precision and recall with those at 30 %.",
        controls=("fraction",),
        location="the sidebar, under Method",
        page="explore",
        question=Question(
            "Why does precision fall when more links are cut?",
            (
                Answer("Torque becomes less accurate", "Each link keeps its torque; only the cut has moved."),
                Answer(
                    "Mostly true links are left to cut",
                    "The false links with high torque have already been pruned.",
                    correct=True,
                ),
                Answer("Precision always falls", "As long as false links are being cut, it can rise."),
            ),
        ),
        teacher_note="A good place to discuss the two kinds of error. Let the class agree on a price for each, then "
        "find the fraction that costs least. The gap finds a similar one without being told which links are false.",
    ),
)
