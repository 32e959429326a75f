"""The rows of the model table, one file per family and place. To add a model, copy the row that is most like it.

`params` has the inputs that endpoints share, `terms` the words for sizes, prices and references.
"""

from __future__ import annotations

from ..models import Model
from .chat_remote import CHAT_REMOTE
from .flux_remote import FLUX_REMOTE
from .local import LOCAL
from .qwen_remote import QWEN_REMOTE

ROWS: tuple[Model, ...] = (*FLUX_REMOTE, *QWEN_REMOTE, *LOCAL, *CHAT_REMOTE)
