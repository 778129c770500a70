"""The second half of the lesson: additions, layers, the receptive field, noise, and whether all that helps."""

from pages.shared.lesson.step import Answer, Question, Step, moved

__all__ = ["REWIRING_STEPS"]

_NO_FALSE_LINKS = ("delete", "features")

REWIRING_STEPS = (
    Step(
        name="add",
        title="Add: what comes",
        text="Who lost a misleading neighbour may gain a better one. **Candidates** are pairs that are alike in what "
        "they hear, or two steps apart. Those of lowest torque are added (blue), and only if they have less torque "
        "than three quarters of the kept links. How many at most is a share of the pruned ones.",
        look="Blue links: do they join nodes of one colour?",
        task="Allow more links to be added.",
        done=lambda before, now: float(str(now["additions"])) > float(str(before["additions"])),
        did="You allow {additions} % of the pruned.",
        controls=("additions",),
        where="the sidebar, under Layers and additions",
        page="explore",
        question=Question(
            "You allow 200 %, and fewer links come. Why?",
            (
                Answer("There are no more pairs of nodes", "36 nodes have 630 pairs, and most are not linked."),
                Answer(
                    "The others have too much torque",
                    "What comes must be below three quarters of what stays.",
                    right=True,
                ),
                Answer("Only false links may be replaced", "Nobody knows which are false, torque neither."),
            ),
        ),
        note="Said honestly: in the measurements additions change less than pruning does. They matter where a node "
        "has few neighbours left.",
    ),
    Step(
        name="layers",
        title="The second layer",
        text="A network has several **layers**: in each, all nodes listen once. Here each has a graph of its own. "
        "Layer 2 judges all links anew, but by what nodes hear over the graph that layer 1 left. Cleaner neighbours, "
        "another verdict: links that layer 1 cut may come back.",
        look="Below, each column is a layer: which links flow from pruned back to kept?",
        task="Go to layer 2.",
        done=lambda before, now: now["layer"] == 2,
        did="This is the graph of layer 2.",
        controls=("layer",),
        where="the sidebar",
        page="layers",
        question=Question(
            "Layer 1 cut a link. Can it be there in layer 2?",
            (
                Answer(
                    "Yes", "Each layer judges the input's links anew, in the light of the layer before.", right=True
                ),
                Answer("No, what is cut stays cut", "That is the other setting of Hierarchy in the sidebar, nested."),
                Answer("Only if it is true", "What is true is not known; the torque in layer 2 decides."),
            ),
        ),
        note="The paper's word is hierarchical: each layer has its own receptive field. Whether a graph for each layer "
        "beats one for all has been measured, too: here it does not. A fair question to put to a class.",
    ),
    Step(
        name="field",
        title="The receptive field",
        text="Through two layers a node hears its neighbours, and what these heard from theirs. All whom it hears are "
        "its **receptive field**. One false link on the way brings in a whole group of strangers. Rewired, the field "
        "is smaller and more of one kind.",
        look="Rings are message steps. On the right, which nodes have lost their links, and of which groups are they?",
        task="Look at another node. Find one that rewiring helps little.",
        done=moved("node"),
        did="You look at node {node}.",
        controls=("node",),
        where="the field above the pictures",
        page="receptive_field",
        question=Question(
            "A node heard 30 others before and hears 11 now. Is that a loss?",
            (
                Answer("Yes, more is always better", "Of the 30 most were strangers, and they had their say, too."),
                Answer(
                    "Not if the strangers left", "What counts is who is heard: the share of its own group.", right=True
                ),
                Answer("It makes no difference", "The node takes the mean of all it hears: it makes one."),
            ),
        ),
        note="Node 13 is a case where it fails: layer 2 takes back two links that layer 1 had cut, and one of them is "
        "false. Ask what their torques are in each layer, and where each layer put its cut.",
    ),
    Step(
        name="noise",
        title="Noise",
        text="How much noise can it stand? At 50 %, half as many false links are put in as there are true ones. "
        "**Precision**: of the pruned, how many were false. **Recall**: of the false, how many were pruned. The gap "
        "has to find out by itself how noisy the graph is.",
        look="How many links are dashed, and how many diamonds are on links that stay?",
        task="Move the noise to 0 %, and then beyond 100 %.",
        done=moved("rate"),
        did="You moved the noise to {rate} %.",
        controls=("rate",),
        where="the sidebar",
        page="explore",
        question=Question(
            "Without noise nothing is cut here. Is that good?",
            (
                Answer("No: pruning always helps", "On a clean graph every cut takes true links, and costs."),
                Answer(
                    "Yes: nothing looks like chance",
                    "The gap stays within the band of sampling, so torque has no say.",
                    right=True,
                ),
                Answer("It is switched off without noise", "Nobody tells it the noise; it looks at the torques alone."),
            ),
        ),
        note="Let groups take different levels and put their precision and recall on the board. Another seed, in "
        "Explore, shows how much is luck in so small a graph.",
    ),
    Step(
        name="accuracy",
        title="Does it help?",
        text="The test is **accuracy**: how many nodes does a network classify rightly? These are stored results on "
        "Cora, a graph of 2,485 papers in seven topics: a plain network (dotted), with torque (thick blue), after "
        "random pruning, and one that looks at no link at all (mlp). Each point is a mean over ten splits.",
        look="Is the blue line above the dotted one, and for which kinds of noise is it not?",
        task="Find a kind of noise for which torque does not help.",
        done=lambda before, now: now["disturbance"] in _NO_FALSE_LINKS,
        did="No false links here: torque and the plain network are alike.",
        controls=("disturbance",),
        where="above the figure",
        page="evidence",
        question=Question(
            "Half of Cora's links are deleted. Why does torque not help?",
            (
                Answer("It cuts links to the wrong nodes", "It cuts few; and they would not be the ones that matter."),
                Answer(
                    "No false links are there to be cut",
                    "It mends noise that adds links, and cannot know which ones are missing.",
                    right=True,
                ),
                Answer(
                    "Ten splits are too few to see it",
                    "They show up to six points where edges are inserted; here they show none.",
                ),
            ),
        ),
        note="The honest end. Torque helps where links mislead and features tell; on clean graphs it is the plain "
        "model, and against an attacker who knows it, it protects little. On Evidence every number has its test.",
    ),
)
