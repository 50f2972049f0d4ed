"""Sphinx configuration. Tables and rule pages are generated from the code they describe."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generate import write_generated_pages  # noqa: E402

project = "purertc"
author = "The purertc developers"
project_copyright = author
version = release = installed_version("purertc")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"purertc {release}"
exclude_patterns = ["_build", "figures.md"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autoclass_content = "class"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# StrEnum inherits the whole of str, which nobody comes here to read about.
autodoc_default_options = {"members": True, "inherited-members": False}

write_generated_pages(HERE / "_generated")
