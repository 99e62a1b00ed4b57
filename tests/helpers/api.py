"""The public names with their signatures, as text; `make api` notes them anew after a change on purpose."""

import inspect
from pathlib import Path

import render

NOTED = Path(__file__).parents[1] / "library" / "api.txt"


def describe_api() -> str:
    """A line for each public function, class, field and method."""
    lines = []
    for name in sorted(render.__all__):
        thing = getattr(render, name)
        if not inspect.isclass(thing):
            lines.append(f"{name}{inspect.signature(thing)}")
        elif issubclass(thing, Exception):
            lines.append(f"class {name}({thing.__base__.__name__})")
        else:
            lines.append(f"class {name}{inspect.signature(thing)}")
            methods = [m for m in inspect.getmembers(thing, callable) if not m[0].startswith("_")]
            lines += [f"  {name}.{member}{inspect.signature(method)}" for member, method in methods]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    NOTED.write_text(describe_api())
