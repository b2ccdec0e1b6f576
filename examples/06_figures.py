"""A picture of an orbit from proved numbers: where a published bound fails, crosses mark it."""

import tempfile
from pathlib import Path

import symkernel as sk

picture = sk.figure("map", "gelu", "1/10", 20)
print(picture.caption)
assert "proved" in picture.caption
assert len(picture.drawing.axes) == 2

with tempfile.TemporaryDirectory() as place:
    file = Path(place) / "gelu.svg"
    picture.save(file)
    first = file.read_bytes()
    picture.save(file)
    assert file.read_bytes() == first  # the same bytes every time
