"""The first half of the lesson: from an edge that misleads to the torque of all edges and where it is cut."""

from pages.shared.lesson.step import Answer, Question, Step, moved

__all__ = ["TORQUE_STEPS"]

TORQUE_STEPS = (
    Step(
        name="mislead",
        title="A link that misleads",
        text="A graph neural network learns what a node is by listening to its neighbours: it takes their mean. "
        "Neighbours of its own group help. Each one of another group blurs what the node hears. Here are 36 nodes in "
        "three groups, told by colour and shape; a third of the links are false and were put in by chance (◆).",
        look="One node and those it listens to: which of them have another colour than the node in the middle?",
        task="Look at another node.",
        done=moved("node"),
        did="You look at node {node}.",
        controls=("node",),
        where="the field above the picture",
        page="receptive_field",
        question=Question(
            "A node has four neighbours of its own group and four of others. What does their mean tell it?",
            (
                Answer("Its own group", "Half of what it hears comes from other groups."),
                Answer("A blend of groups", "Half for, half against: the network cannot tell what it is.", right=True),
                Answer("Nothing at all", "It does hear something, but half of it misleads."),
            ),
        ),
        note="Let everyone take a node of their own and call out its share. Who finds the worst one? Groups stand for "
        "anything that neighbours have in common: topics of papers that cite each other, interests of friends.",
    ),
    Step(
        name="torque",
        title="Lever arm × force",
        text="Torque is one number for each link. As in mechanics it is a **lever arm**, here how far apart the two "
        "ends are in the structure around them, times a **force**, here how unlike they are in what they carry. The "
        "link itself is left out when its ends are compared: it would make them look alike.",
        look="The chosen link is outlined: does it join two groups?",
        task="Choose another link: click it in the picture, or take it from the list. Find one with a torque near 0.",
        done=lambda before, now: now["picked"] != before["picked"] and any("-" in str(one) for one in now["picked"]),
        did="You chose a link: its numbers stand in the formula.",
        controls=("picked",),
        where="a click on a link of the network",
        page="explore",
        question=Question(
            "The ends of a link carry unlike features, but what stands around them is alike: its lever arm is 0.02. "
            "How much torque has it?",
            (
                Answer(
                    "Much: the force decides", "Force without a lever arm turns nothing, as at the hinge of a door."
                ),
                Answer("Little", "It is a product: one small factor makes it small. The link stays.", right=True),
                Answer("None: both must be 1", "Torque is no switch. It grows with either factor."),
            ),
        ),
        note="The door is the picture to use: push near the hinge, push at the handle. 1 is what two unrelated nodes "
        "have, 2 what opposite ones have. Both factors are one minus a cosine; no group is known to them.",
    ),
    Step(
        name="every",
        title="The torque of every link",
        text="All links at once: a bar counts those of about the same torque. Nobody told torque which links are "
        "false (hatched), yet most of these stand to the right. Those on the left happen to join nodes of one group, "
        "and mislead nobody. How well the two are told apart is the **AUROC**: "
        "the probability that a false link has more torque than a true one.",
        look="Do the hatched bars stand to the right of the grey ones, and where do they mix?",
        task="Select links of high torque: click bars on the right, draw a box over them, or press the button.",
        done=lambda before, now: now["picked"] != before["picked"] and any("-" in str(one) for one in now["picked"]),
        did="Selected links are outlined in both pictures, and counted in the formula.",
        controls=("highest",),
        where="the figure Torque",
        page="explore",
        question=Question(
            "What would an AUROC of 0.5 say?",
            (
                Answer("Half of the false links are found", "It counts pairs of links, not links that are found."),
                Answer(
                    "Torque knows no more than a coin",
                    "A false link is then above a true one as often as below.",
                    right=True,
                ),
                Answer(
                    "Torque is right in every second graph",
                    "It is said of one graph: of all pairs of a false and a true link in it.",
                ),
            ),
        ),
        note="Ask before showing the hatching: where would you cut? Then: which true links stand far to the right, "
        "and why? Select them and find them in the graph; they join two groups, as a tenth of the true ones do. Every "
        "false link that torque does not blame joins nodes of one group.",
    ),
    Step(
        name="gap",
        title="The gap",
        text="Where does too much begin? Pairs of nodes drawn by chance show what torque a meaningless link has. Of "
        "the links, a share $S(\\tau)$ has at least torque $\\tau$; of chance pairs, $S_0(\\tau)$. About $\\hat\\pi$ "
        "of all links mean nothing. A cut at $\\tau$ takes away meaningless links and others: the **gap** is how many "
        "more of the first. The cut goes where the gap is highest, if it rises above what sampling alone reaches.",
        look="Below, the blue curve of the gap: is the cut, the dashed line, at its peak?",
        task="Drag the cut away from the peak, and read what the gap becomes.",
        done=moved("threshold"),
        did="You cut at a torque of {threshold}.",
        controls=("threshold",),
        where="the slider under the figure",
        page="explore",
        question=Question(
            "On another graph the peak of the gap lies within the grey band. What is cut?",
            (
                Answer(
                    "Nothing",
                    "Sampling alone reaches that height: there is no sign that links mean nothing.",
                    right=True,
                ),
                Answer("All from the peak up", "The peak may be luck, and then true links would go."),
                Answer("A tenth, to be safe", "A fixed share is not safe: on a clean graph it takes true links."),
            ),
        ),
        note="The formula is this project's; the paper only says that a gap in the sorted torques tells how many to "
        "remove. The band is the Dvoretzky-Kiefer-Wolfowitz bound: with more links it is narrower.",
    ),
    Step(
        name="prune",
        title="Prune: what goes",
        text="Links from the cut up are **pruned** (dashed). Cut too few, and false links stay; cut too many, and true "
        "ones go with them. For this step the gap is off, and you say how many are cut. **Precision** is the share "
        "of the pruned links that are false, **recall** the share of the false links that are pruned.",
        look="Dashed links with a diamond were false: these had to go. Dashed ones without were true.",
        task="Cut more than half of all links.",
        done=lambda before, now: float(str(now["fraction"])) > 50,
        did="You cut {fraction} % of the links: compare precision and recall with those at 30 %.",
        controls=("fraction",),
        where="the sidebar, under Cut",
        page="explore",
        question=Question(
            "Why does precision fall when more is cut?",
            (
                Answer("Torque gets less exact", "Each link has the torque that it had; only the cut has moved."),
                Answer(
                    "Only true links are left to cut", "The false ones of high torque are gone already.", right=True
                ),
                Answer("Precision always falls", "As long as false links are cut, it may rise."),
            ),
        ),
        note="A good place for the two kinds of error. Let the class agree on a price for each, then find the share "
        "that costs least; the gap finds a similar one without being told what is false.",
    ),
)
