"""The second half of the lesson: added edges, layers, the receptive field, noise, and accuracy."""

from pages.shared.lesson.step import Answer, Question, Step, changed

__all__ = ["REWIRING_STEPS"]

_NOISE_WITHOUT_FALSE_LINKS = ("delete", "features")

REWIRING_STEPS = (
    Step(
        name="add",
        title="Adding links",
        text="A node that lost a misleading neighbour may gain a better one. **Candidates** are pairs of nodes that "
        "hear similar messages or that are two steps apart. Those with the lowest torque are added (blue), but only if "
        "their torque is lower than that of three quarters of the kept links. At most a fraction of the number of "
        "pruned links is added.",
        prompt="Blue links: do they connect nodes of the same colour?",
        task="Allow more links to be added.",
        is_done=lambda before, now: float(str(now["additions"])) > float(str(before["additions"])),
        feedback="You allow {additions} % of the number of pruned links.",
        controls=("additions",),
        location="the sidebar, under Method",
        page="explore",
        question=Question(
            "You allow 200 %, but fewer links are added. Why?",
            (
                Answer("There are no more pairs of nodes", "36 nodes form 630 pairs, and most are not linked."),
                Answer(
                    "The other candidates have too much torque",
                    "An added link must have a lower torque than three quarters of the kept links.",
                    correct=True,
                ),
                Answer("Only false links may be replaced", "Nobody knows which links are false, not even torque."),
            ),
        ),
        teacher_note="To be honest, adding links changes less than pruning in the measurements. It matters where a "
        "node has few neighbours left.",
    ),
    Step(
        name="layers",
        title="The second layer",
        text="A network has several **layers**; in each, every node listens once. Here each layer has its own graph. "
        "Layer 2 judges all links again, this time by what the nodes hear over the graph of layer 1. With cleaner "
        "neighbours the verdict may change: links that layer 1 cut can return.",
        prompt="Below, each column is a layer: which links flow from pruned back to kept?",
        task="Go to layer 2.",
        is_done=lambda before, now: now["layer"] == 2,
        feedback="This is the graph of layer 2.",
        controls=("layer",),
        location="above the graphs",
        page="layers",
        question=Question(
            "Layer 1 cut a link. Can it be back in layer 2?",
            (
                Answer(
                    "Yes",
                    "Each layer judges the links of the input graph again, based on what the previous layer computed.",
                    correct=True,
                ),
                Answer(
                    "No, a cut link stays cut", "That is the other option of Hierarchy in the sidebar, called nested."
                ),
                Answer("Only if it is true", "Nobody knows which links are true; the torque in layer 2 decides."),
            ),
        ),
        teacher_note="The paper calls this hierarchical: each layer has its own receptive field. Whether one graph per "
        "layer is better than one graph for all layers was measured, too: here it is not. A good question for a class.",
    ),
    Step(
        name="field",
        title="The receptive field",
        text="Through two layers, a node hears its neighbours and what they heard from theirs. All the nodes it hears "
        "form its **receptive field**. One false link on the way lets in a whole group of strangers. After rewiring, "
        "the receptive field is smaller and more of one kind.",
        prompt="Play the film, and move the noise and the cut while it plays. Then compare the pictures below it, in "
        "which rings are message steps: which nodes have lost their links, and which groups are they from?",
        task="Look at another node. Find one that rewiring hardly helps.",
        is_done=changed("node"),
        feedback="You are looking at node {node}.",
        controls=("node", "rate"),
        location="the field above the pictures",
        page="receptive_field",
        question=Question(
            "A node heard 30 others before and hears 11 now. Is that a loss?",
            (
                Answer("Yes, more is always better", "Most of the 30 were strangers, and their messages counted, too."),
                Answer(
                    "Not if the strangers left",
                    "What matters is who is heard: the fraction of nodes from its own group.",
                    correct=True,
                ),
                Answer("It makes no difference", "It does: the node averages everything that it hears."),
            ),
        ),
        teacher_note="Node 13 is a failure: layer 2 takes back two links that layer 1 had cut, and one of them is "
        "false. Ask what their torques are in each layer, and where each layer placed its cut.",
    ),
    Step(
        name="noise",
        title="Noise",
        text="How much noise can torque handle? At 50 %, half as many false links are inserted as there are true ones. "
        "**Precision**: how many of the pruned links were false. **Recall**: how many of the false links were pruned. "
        "The gap has to find out for itself how noisy the graph is.",
        prompt="How many links are dashed, and how many diamonds are on links that are kept?",
        task="Move the noise to 0 %, and then beyond 100 %.",
        is_done=changed("rate"),
        feedback="You moved the noise to {rate} %.",
        controls=("rate",),
        location="the sidebar",
        page="explore",
        question=Question(
            "Without noise, nothing is cut here. Is that good?",
            (
                Answer("No: pruning always helps", "On a clean graph, every cut removes true links and does harm."),
                Answer(
                    "Yes: no links look random",
                    "The gap stays within the sampling band, so no links are pruned.",
                    correct=True,
                ),
                Answer(
                    "Torque is switched off without noise",
                    "Nobody tells it the noise level; it looks only at the torques.",
                ),
            ),
        ),
        teacher_note="Let groups try different levels and write their precision and recall on the board. Another seed, "
        "in Explore, shows how much is due to chance in such a small graph.",
    ),
    Step(
        name="accuracy",
        title="Does it help?",
        text="The real test is **accuracy**: how many nodes does a network classify correctly? These are stored "
        "results on Cora, a graph of 2,485 papers on seven topics: a plain network (dotted), the same network with "
        "torque (thick blue) and with random pruning, and a network that uses no links at all. Each point is the "
        "mean of ten splits.",
        prompt="Is the blue line above the dotted one, and for which kinds of noise is it not?",
        task="Find a kind of noise for which torque does not help.",
        is_done=lambda before, now: now["disturbance"] in _NOISE_WITHOUT_FALSE_LINKS,
        feedback="There are no false links here: torque and the plain network perform alike.",
        controls=("disturbance",),
        location="above the figure",
        page="evidence",
        question=Question(
            "Half of Cora's links are deleted. Why does torque not help?",
            (
                Answer("It cuts the wrong links", "It cuts few links, and those are not the ones that matter."),
                Answer(
                    "There are no false links to cut",
                    "Torque repairs noise that adds links. It cannot know which links are missing.",
                    correct=True,
                ),
                Answer(
                    "Ten splits are too few to see it",
                    "They show gains of up to six points where edges are inserted; here they show none.",
                ),
            ),
        ),
        teacher_note="An honest end. Torque helps where links mislead and features are informative. On clean graphs it "
        "performs like the plain network, and it offers little protection against an attacker who knows the method. "
        "The page Evidence gives a significance test for every number.",
    ),
)
