"""The map of the house: what it must find."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from tests.packages import ROOT


def load() -> Any:
    loader = SourceFileLoader("house_map", str(ROOT / "bin" / "map"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


house = load()


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}}, [["a", "b"]]),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}, "e": {"a", "c"}}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_circles(graph: dict[str, set[str]], found: list[list[str]]) -> None:
    assert house.circles(graph) == found


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Two modules of one package, of which one imports the other."""
    monkeypatch.setattr(house, "ROOT", tmp_path)
    (tmp_path / "shop").mkdir()
    files = {"shop": "", "shop.till": "from shop import stock\n", "shop.stock": "x = 1\n" * 12}
    paths = {name: tmp_path / "shop" / f"{name.partition('.')[2] or '__init__'}.py" for name in files}
    for name, path in paths.items():
        path.write_text(files[name])
    return paths


def test_imports_are_read_wherever_they_stand(two: dict[str, Path]) -> None:
    assert house.imports(two)["shop.till"] == {"shop.stock"}
    late = "if TYPE_CHECKING:\n    from shop.till import y\ndef f():\n    import shop.till\n"
    two["shop.stock"].write_text(late)
    assert house.circles(house.imports(two)) == [["shop.stock", "shop.till"]]


def test_a_folder_too_large_is_named(two: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "MOST_LINES", 13)
    assert list(house.too_large(two)) == []
    monkeypatch.setattr(house, "MOST_LINES", 12)
    assert list(house.too_large(two)) == ["folder too large: shop/ has 13 lines of its own, the limit is 12"]
