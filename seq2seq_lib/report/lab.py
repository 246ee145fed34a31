"""What our JupyterLab does with notebooks beside what every JupyterLab does: the files in `report/jupyter` name it."""

from __future__ import annotations

from pathlib import Path

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from markupsafe import Markup
from nbformat import NotebookNode

#: What JupyterLab shows and what its HTML export holds.
STYLE = Path(__file__).parent / "jupyter" / "custom" / "custom.css"

KERNEL = "python3"


class Notebooks(AsyncLargeFileManager):
    """Files as Jupyter serves them, but a notebook for Python already says what its kernel will say.

    JupyterLab writes its kernel's name and language, with Python's version, into each notebook that it opens. Ours are
    stored without what names a machine, and so they counted as changed as soon as they were open.
    """

    async def get(self, path: str, content: bool = True, **options) -> dict:
        """The model of a file or folder, as the base class returns it."""
        model = await super().get(path, content, **options)
        if content and model["type"] == "notebook":
            metadata = model["content"]["metadata"]
            if metadata.get("kernelspec", {}).get("name") == KERNEL:
                metadata.update(self._said_by_the_kernel())
        return model

    def _said_by_the_kernel(self) -> dict:
        spec = self.parent.kernel_spec_manager.get_kernel_spec(KERNEL)
        return {
            "kernelspec": {"name": KERNEL, "display_name": spec.display_name, "language": spec.language},
            "language_info": dict(IPythonKernel.language_info),
        }


def with_style(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
    """nbconvert's hook before a notebook becomes HTML: ours comes with the style sheets that its template asks for."""
    theirs, ours = resources["include_css"], Markup(f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>")
    return notebook, {**resources, "include_css": lambda name: theirs(name) + ours}
