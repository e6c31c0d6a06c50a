"""The public names with their types: at run time `__init__.py` loads each when it is first asked for."""

from corpus_tool.api import Compared as Compared
from corpus_tool.api import Explanation as Explanation
from corpus_tool.api import Records as Records
from corpus_tool.api import Result as Result
from corpus_tool.api import compare as compare
from corpus_tool.api import deduplicate as deduplicate
from corpus_tool.api import explain as explain
from corpus_tool.api import parse as parse
from corpus_tool.api.indexed import Index as Index
from corpus_tool.api.wording import CorpusWarning as CorpusWarning
from corpus_tool.config import Options as Options
from corpus_tool.config import Reading as Reading
from corpus_tool.config import Similarity as Similarity
from corpus_tool.errors import CorpusError as CorpusError
from corpus_tool.errors import InputError as InputError
from corpus_tool.errors import OutputError as OutputError
from corpus_tool.errors import UsageError as UsageError
from corpus_tool.papers.reference import score as score
from corpus_tool.sketch import permutations as permutations
from corpus_tool.sketch import sketch_texts as sketch_texts
from corpus_tool.text import jaccard as jaccard
from corpus_tool.text import paper_id as paper_id
from corpus_tool.text import shingles as shingles
from corpus_tool.text import words as words

__version__: str
