"""Batch renderer for SMPL fits; as a library, the stages of a run: see `render.library`.

The public interface is what `__init__.pyi` lists, for type checkers and for this module alike. It is imported
when it is asked for, because the libraries behind it take seconds.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
