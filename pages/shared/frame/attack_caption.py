"""Caption below the noise: who was attacked by Metattack, and where attacks are stored."""

import streamlit as st

from pages.shared.state.settings import choose_dataset
from torque_core import DATASETS, TorqueError
from torque_core.attacks.noise import MOST_NODES
from torque_core.attacks.spec import KNOWS, OBJECTIVES
from torque_core.attacks.stored import StoredAttack, read_attack, stored_attacks
from torque_core.datasets.info import DatasetInfo

__all__ = ["attack_caption"]


def attack_caption(info: DatasetInfo, knows: str) -> None:
    """Describe the stored attack on the chosen split; without one, offer graphs that have one.

    Args:
        info: The chosen data set.
        knows: The defence that the attacker knows, a key of :data:`~torque_core.attacks.spec.KNOWS`.
    """
    state = st.session_state
    attacks = [attack for attack in stored_attacks() if attack.knows == knows]
    place = (info.name, state.scheme, state.split)
    attack = next((one for one in attacks if (one.dataset, one.scheme, one.split) == place), None)
    if attack is not None:
        _describe(attack)
    elif info.nodes is None or info.nodes > MOST_NODES:
        _offer([one for one in attacks if one.dataset == info.name] or [one for one in attacks if one.split == 0])
    else:
        st.caption("The attack is computed now, on the training labels of this split; this takes seconds.")


def _describe(attack: StoredAttack) -> None:
    try:
        flips, spec = read_attack(attack)
    except TorqueError as error:
        st.error(str(error), icon=":material/error:")
        return
    known = "" if attack.knows == "nothing" else f" and {KNOWS[attack.knows]}"
    st.caption(
        f"A stored attack on a linear GCN that knows the training labels of split {attack.split}{known}. It raises the "
        f"loss on the {OBJECTIVES[spec.objective]}. Up to {100 * spec.budget:g} % of the edges ({flips.size(1):,}) are "
        "flipped.",
        help="Metattack (Zügner and Günnemann, 2019), gradients through the whole training of the attacked model, one "
        "flip after another. The degree distribution stays statistically the same. The seed has no effect.",
    )


def _offer(attacks: list[StoredAttack]) -> None:
    st.caption(f"On more than {MOST_NODES:,} nodes Metattack takes minutes. It is stored for:")
    for attack in attacks:
        title = f"{DATASETS[attack.dataset].title}, {attack.scheme}, split {attack.split}"
        st.button(title, key=f"attack_{attack.path.stem}", on_click=_show, args=(attack,), width="stretch")
    if not attacks:
        st.caption("No graph yet. The command `torque attacks make` computes one.")


def _show(attack: StoredAttack) -> None:
    """Choose the attacked graph."""
    choose_dataset(attack.dataset)
    st.session_state.update(scheme=attack.scheme, split=attack.split)
