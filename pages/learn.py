"""Learn: a lesson in ten steps, from one misleading link to the effect of rewiring on accuracy."""

from urllib.parse import urlencode

import streamlit as st

from pages.shared.core.markdown import escape_markdown
from pages.shared.core.view import View
from pages.shared.frame.copy_link import copy_link
from pages.shared.frame.navigation import PAGES, page_script
from pages.shared.frame.page import hide_sidebar, load_view, show_errors
from pages.shared.lesson.catalog import STEPS
from pages.shared.lesson.controls import CONTROLS
from pages.shared.lesson.formulas import FORMULAS
from pages.shared.lesson.pictures import PICTURES
from pages.shared.lesson.step import Step
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import write_link
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.state.teacher_mode import lesson_links

NAMES = list(STEPS)
DEFAULTS = {key: setting.default for key, setting in SETTINGS.items()}


def move(by: int) -> None:
    """Move to the next or the previous step."""
    st.session_state.step = NAMES[NAMES.index(st.session_state.step) + by]


def done_steps() -> set[str]:
    """Names of the steps whose task was done in this session."""
    return st.session_state.setdefault("lesson_tried", set())


def check_task(step: Step) -> bool:
    """Return True if the task of the step is done now or was done before."""
    if step.is_done(DEFAULTS | dict(step.settings), st.session_state):
        done_steps().add(step.name)
    return step.name in done_steps()


def is_answered_correctly(step: Step) -> bool:
    """Return True if the correct answer is chosen."""
    choice = st.session_state.get(f"answer_{step.name}")
    return choice is not None and step.question.answers[choice].correct


def step_label(name: str) -> str:
    """Number of a step, with a check mark if its task was done."""
    return f"{NAMES.index(name) + 1}{' ✓' * (name in done_steps())}"


def draw_navigation(step: Step) -> None:
    """Draw the list of steps, and buttons to the previous and the next step."""
    at, last = NAMES.index(step.name), len(NAMES) - 1
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson_bar")
    row.button(
        "Back", icon=":material/chevron_left:", on_click=move, args=(-1,), disabled=at == 0, width="content",
        shortcut=SHORTCUTS["lesson_back"].keys, key="lesson_back",
    )  # fmt: skip
    row.segmented_control(
        "Step", NAMES, default=st.session_state.step, format_func=step_label, key="step", required=True,
        persist_state="session", label_visibility="collapsed", width="content",
    )  # fmt: skip
    row.button(
        "Next", icon=":material/chevron_right:", on_click=move, args=(1,), disabled=at == last,
        width="content", shortcut=SHORTCUTS["lesson_next"].keys, key="lesson_next",
        type="primary" if step.name in done_steps() and at < last else "secondary",
    )  # fmt: skip
    correct = sum(map(is_answered_correctly, STEPS.values()))
    row.caption(f"Tasks done: {len(done_steps())} of {len(NAMES)} · correct answers: {correct}", width="content")


def draw_formula(step: Step, view: View) -> None:
    """Draw the numbers of the picture, in words and then as a formula."""
    formula = FORMULAS[step.name](view)
    if formula is not None:
        st.markdown(formula.words)
        st.latex(r"\begin{gathered}" + r" \\[0.8em] ".join(formula.lines) + r"\end{gathered}", help=formula.legend)


def draw_task(step: Step, view: View, done: bool) -> None:
    """Draw the task with its controls, and a confirmation when it is done."""
    with st.container(border=True, key="lesson_task"):
        st.markdown(f"**Try it.** {step.task}")
        for key in step.controls:
            CONTROLS[key](view)
        if done:
            now = step.is_done(DEFAULTS | dict(step.settings), st.session_state)
            values = {key: escape_markdown(str(st.session_state[key])) for key in SETTINGS}
            feedback = step.feedback.format_map(values) if now else "You did this before."
            st.success(f"Done. {feedback}", icon=":material/check_circle:")


def draw_app_link(step: Step) -> None:
    """Draw a link to the page of the app that has the same control, with the graph of the step."""
    link = urlencode({key: value for key, value in write_link(st.session_state).items() if key != "step"})
    title, _ = PAGES[step.page]
    st.caption(f"In the app: {title}, {step.location}. [Open this graph there]({step.page}?{link})")


def draw_question(step: Step) -> None:
    """Draw the question, and explain the chosen answer."""
    answers = step.question.answers
    choice = st.radio(
        f"**Question.** {step.question.text}", range(len(answers)), index=None, key=f"answer_{step.name}",
        format_func=lambda position: answers[position].text, persist_state="session",
    )  # fmt: skip
    if choice is None:
        return
    if answers[choice].correct:
        st.success(f"Right. {answers[choice].explanation}", icon=":material/check_circle:")
    else:
        st.warning(f"Not quite. {answers[choice].explanation}", icon=":material/refresh:")


def draw_next_pages() -> None:
    """Draw links to other pages after the last step."""
    st.markdown("**Where to go from here**")
    row = st.container(horizontal=True)
    for name in ("explore", "your_graph", "train", "evidence"):
        title, icon = PAGES[name]
        row.page_link(page_script(name), label=title, icon=icon, width="content")


def draw_teacher_part(step: Step) -> None:
    """Draw the notes if the link asks for them, and both links for who is not a member of a class."""
    if st.session_state.teach:
        return
    with st.expander("For the teacher", icon=":material/school:", expanded=bool(st.session_state.notes)):
        if st.session_state.notes:
            st.markdown(step.teacher_note)
        for_class, with_notes = lesson_links()
        row = st.container(horizontal=True)
        with row:
            copy_link(
                "Copy link for a class", key="copy_lesson_link", query=for_class,
                help_text="Copy a URL of this step without anything for teachers.",
            )  # fmt: skip
            copy_link(
                "Copy link with notes", key="copy_notes_link", query=with_notes,
                help_text="Copy a URL of this step with the notes for the teacher of each step.",
            )  # fmt: skip


hide_sidebar()  # it is empty here, but stays on the screen if another page has drawn it
view = load_view(every_layer=True)
step = STEPS[st.session_state.step]
done = check_task(step)
draw_navigation(step)
st.markdown(f"### {NAMES.index(step.name) + 1}. {step.title}")
left, right = st.columns([2, 3], gap="medium")
with show_errors():
    with left:
        st.markdown(step.text)
        draw_task(step, view, done)
        draw_question(step)
        draw_app_link(step)
        if step.name == NAMES[-1]:
            draw_next_pages()
        draw_teacher_part(step)
    with right.container(key="lesson_picture"):
        st.markdown(f"**{step.prompt}**")
        PICTURES[step.name](view)
        draw_formula(step, view)
