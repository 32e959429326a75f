"""Names the checkout `switchyard`, so that tests write `from switchyard.engine.route import decide`.

The root is never put on sys.path: there, our `nodes/` would stand in front of ComfyUI's module of that name.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent

package = ModuleType("switchyard")
package.__path__ = [str(ROOT)]
sys.modules.setdefault("switchyard", package)
