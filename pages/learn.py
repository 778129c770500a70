"""Learn: a lesson in ten steps, from one link that misleads to whether rewiring helps a network to learn."""

from urllib.parse import urlencode

import streamlit as st

from pages.shared.core.view import View
from pages.shared.frame.navigation import PAGES, page_script
from pages.shared.frame.page import hide_sidebar, load_view, show_errors
from pages.shared.lesson.catalog import STEPS
from pages.shared.lesson.controls import CONTROLS
from pages.shared.lesson.formulas import FORMULAS
from pages.shared.lesson.pictures import PICTURES
from pages.shared.lesson.step import Step
from pages.shared.state.settings import SETTINGS, write_link
from pages.shared.state.shortcuts import SHORTCUTS

NAMES = list(STEPS)
DEFAULTS = {key: setting.default for key, setting in SETTINGS.items()}


def go(by: int) -> None:
    """A step on or back."""
    st.session_state.step = NAMES[NAMES.index(st.session_state.step) + by]


def tried() -> set[str]:
    """The steps whose task was done in this session."""
    return st.session_state.setdefault("lesson_tried", set())


def try_it(step: Step) -> bool:
    """Whether the task is done, now or before."""
    if step.done(DEFAULTS | dict(step.settings), st.session_state):
        tried().add(step.name)
    return step.name in tried()


def answered(step: Step) -> bool:
    """Whether the question was answered rightly."""
    given = st.session_state.get(f"answer_{step.name}")
    return given is not None and step.question.answers[given].right


def number(name: str) -> str:
    """Of a step, with a mark if its task was done."""
    return f"{NAMES.index(name) + 1}{' ✓' * (name in tried())}"


def bar(step: Step) -> None:
    """The steps, and the buttons to the next and to the one before."""
    at, last = NAMES.index(step.name), len(NAMES) - 1
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson_bar")
    row.button(
        "Back", icon=":material/chevron_left:", on_click=go, args=(-1,), disabled=at == 0, width="content",
        shortcut=SHORTCUTS["lesson_back"].keys, key="lesson_back",
    )  # fmt: skip
    row.segmented_control(
        "Step", NAMES, default=st.session_state.step, format_func=number, key="step", required=True,
        persist_state="session", label_visibility="collapsed", width="content",
    )  # fmt: skip
    row.button(
        "Next", icon=":material/chevron_right:", on_click=go, args=(1,), disabled=at == last,
        width="content", shortcut=SHORTCUTS["lesson_next"].keys, key="lesson_next",
        type="primary" if step.name in tried() and at < last else "secondary",
    )  # fmt: skip
    right = sum(map(answered, STEPS.values()))
    row.caption(f"Tried {len(tried())} of {len(NAMES)} · right answers: {right}", width="content")


def formula(step: Step, seen: View) -> None:
    """The formula, with the numbers of the picture."""
    said = FORMULAS[step.name](seen)
    if said is not None:
        st.latex(r"\begin{gathered}" + r" \\[0.8em] ".join(said.lines) + r"\end{gathered}", help=said.meaning)


def task(step: Step, seen: View, done: bool) -> None:
    """The control, and a mark when it was used."""
    with st.container(border=True, key="lesson_task"):
        st.markdown(f"**Try it.** {step.task}")
        for key in step.controls:
            CONTROLS[key](seen)
        if done:
            used = step.done(DEFAULTS | dict(step.settings), st.session_state)
            said = step.did.format_map(st.session_state.to_dict()) if used else "You did this before."
            st.success(f"Done. {said}", icon=":material/check_circle:")
        here = urlencode({key: value for key, value in write_link(st.session_state).items() if key != "step"})
        title, _ = PAGES[step.page]
        st.caption(f"In the app: {title}, {step.where}. [Open it there]({step.page}?{here})")


def question(step: Step) -> None:
    """Choose an answer, and read at once why it is right or wrong."""
    answers = step.question.answers
    given = st.radio(
        f"**Question.** {step.question.text}", range(len(answers)), index=None, key=f"answer_{step.name}",
        format_func=lambda at: answers[at].text, persist_state="session",
    )  # fmt: skip
    if given is None:
        return
    if answers[given].right:
        st.success(f"Right. {answers[given].why}", icon=":material/check_circle:")
    else:
        st.warning(f"Not quite. {answers[given].why}", icon=":material/refresh:")


def doors() -> None:
    """Where to go after the last step."""
    st.markdown("**Where to go from here**")
    row = st.container(horizontal=True)
    for name in ("explore", "your_graph", "train", "evidence"):
        title, icon = PAGES[name]
        row.page_link(page_script(name), label=title, icon=icon, width="content")


hide_sidebar()  # empty here, but it stays where another page has drawn it
seen = load_view(every_layer=True)
step = STEPS[st.session_state.step]
done = try_it(step)
bar(step)
st.markdown(f"### {NAMES.index(step.name) + 1}. {step.title}")
left, right = st.columns([2, 3], gap="medium")
with show_errors():
    with left:
        st.markdown(step.text)
        formula(step, seen)
        task(step, seen, done)
        question(step)
        if step.name == NAMES[-1]:
            doors()
        if st.session_state.teach:
            with st.expander("For the teacher", icon=":material/school:"):
                st.markdown(step.note)
    with right.container(key="lesson_picture"):
        st.markdown(f"**{step.look}**")
        PICTURES[step.name](seen)
