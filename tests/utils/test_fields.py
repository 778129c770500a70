import math
from dataclasses import dataclass

import pytest

from torque_core.errors import BadConfig
from torque_core.utils.fields import check_fields, fields_of, spec_field

NAMES = ["a", "b"]


@dataclass(frozen=True)
class Spec:
    rate: float = spec_field(0.1, title="level", low=0, high=2, unit="fraction", help="The level of noise.")
    layers: int = spec_field(2, title="layers", low=1, high=math.inf)
    name: str = spec_field("a", title="name", choices=lambda: NAMES)
    weighted: bool = spec_field(True, title="weighted")
    patience: int | None = spec_field(None, title="patience", low=1, high=10, optional=True)
    colours: tuple[str, ...] = spec_field(("red",), title="colours", choices=("red", "blue"))
    free: str = "anything"

    def __post_init__(self):
        check_fields(self)


def test_fields_are_listed_with_their_declarations():
    fields = fields_of(Spec)
    assert list(fields) == ["rate", "layers", "name", "weighted", "patience", "colours"]
    assert (fields["rate"].low, fields["rate"].high, fields["rate"].unit) == (0, 2, "fraction")
    assert fields["rate"].help == "The level of noise."
    assert [field.integer for field in fields.values()] == [False, True, False, False, True, False]
    assert [field.several for field in fields.values()] == [False, False, False, False, False, True]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rate": 2.1}, r"rate must be in \[0, 2\], got 2.1"),
        ({"rate": math.nan}, "rate must be in"),
        ({"rate": "1"}, "rate must be in"),
        ({"rate": True}, "rate must be in"),
        ({"layers": 0}, r"layers must be an integer in \[1, inf\], got 0"),
        ({"layers": 1.5}, "layers must be an integer"),
        ({"name": "c"}, "name must be one of a, b; got 'c'"),
        ({"weighted": 1}, "weighted must be True or False, got 1"),
        ({"patience": 0}, "patience must be an integer"),
        ({"layers": None}, "layers must be an integer"),
        ({"colours": ()}, r"colours must be a tuple of one or more of red, blue, each once; got \(\)"),
        ({"colours": ("red", "red")}, "each once; got"),
        ({"colours": ("green",)}, "one or more of red, blue"),
        ({"colours": "red"}, "colours must be a tuple"),
    ],
)
def test_values_out_of_range_raise(values, message):
    with pytest.raises(BadConfig, match=message):
        Spec(**values)


def test_values_in_range_are_accepted():
    assert Spec(rate=2, layers=10**9, name="b", weighted=False, patience=10).patience == 10


def test_later_registered_choices_are_accepted(monkeypatch):
    monkeypatch.setattr(__import__(__name__, fromlist=["NAMES"]), "NAMES", [*NAMES, "c"])
    assert Spec(name="c").name == "c"


def test_a_range_needs_both_limits():
    with pytest.raises(TypeError, match="both low and high"):
        spec_field(1, title="x", low=0)
