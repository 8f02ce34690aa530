"""Masks of every shape, on a picture and half beside it."""

from __future__ import annotations

from hypothesis import strategies as st

from imaging.engine import Mask

WIDTH, HEIGHT = 60, 44


def shapes(*styles):
    size = st.floats(0.1, 90)
    style = st.sampled_from(styles or ("bar", "veil"))
    point = st.tuples(st.floats(-30, 90), st.floats(-30, 80))
    strokes = st.builds(Mask.stroke, st.lists(point, min_size=1, max_size=5), st.floats(0.1, 30), style)
    return strokes | st.builds(
        Mask,
        shape=st.sampled_from(["box", "ellipse", "band"]),
        x=st.floats(-30, 70),
        y=st.floats(-30, 60),
        width=size,
        height=size,
        angle=st.floats(-180, 180),
        style=style,
    )
