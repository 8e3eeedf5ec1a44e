"""JSON-LD over packaged contexts: canonical N-Quads (RDFC-1.0) and the safe-mode check. Never the network.

A context that is not packaged is an error, never a download: a badge must mean tomorrow what it meant when signed.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyld import ContextResolver, jsonld
from pyld.canon import URDNA2015

VC_2 = "https://www.w3.org/ns/credentials/v2"
VC_1 = "https://www.w3.org/2018/credentials/v1"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OB_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

_FILES = {
    VC_2: "credentials-v2.jsonld",
    VC_1: "credentials-v1.jsonld",
    "https://www.w3.org/ns/credentials/status/v1": "credentials-status-v1.jsonld",
    "https://www.w3.org/ns/did/v1": "did-v1.jsonld",
    "https://www.w3.org/ns/cid/v1": "cid-v1.jsonld",
    "https://w3id.org/security/data-integrity/v1": "w3id-security-data-integrity-v1.jsonld",
    "https://w3id.org/security/data-integrity/v2": "w3id-security-data-integrity-v2.jsonld",
    "https://w3id.org/security/multikey/v1": "w3id-security-multikey-v1.jsonld",
    "https://w3id.org/security/suites/ed25519-2020/v1": "security-suites-ed25519-2020-v1.jsonld",
    OB: "ob-v3p0-context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": "ob-v3p0-context-3.0.2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": "ob-v3p0-context-3.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json": "ob-v3p0-context.json",
    OB_EXTENSIONS: "ob-v3p0-extensions.json",
}
_FOLDER = Path(__file__).parent / "contexts"

# C0 controls but tab, line feed and carriage return, and DEL: RDFC-1.0 escapes them, pyld writes them raw, so a
# signature over them would hold here and fail elsewhere. Lone surrogates have no UTF-8 form at all.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNDEFINED = "urn:undefined:"
_PROBE = {"@vocab": _UNDEFINED}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")
_MENTION = {"id", "type", "endorsementComment"}  # what an endorsement says about the badge that holds it
_DEEPEST = 48
_LARGEST = 10**300  # an integer beyond doubles is an error of another kind in pyld
_MOST_ALIKE = 6  # permutations of nodes that look alike: 6! is the most that one step may try
_MOST_STEPS = 20_000
_MOST_CONTEXTS = 500  # the badges of one tool make about forty
_MOST_MEMBERS = 4_000  # a rubric of 20 criteria and 6 levels makes 1,200; pyld needs a second for this many


class DocumentError(ValueError):
    """A document cannot be read as JSON-LD here; the message says why. Base of the errors below."""


class UnknownContextError(DocumentError):
    """A document uses a context that is not packaged, or one written inside the document."""


class UndefinedTermError(DocumentError):
    """A document has a property or type that its contexts do not define: it would not be signed."""


class ControlCharacterError(DocumentError):
    """A text holds a control character on which canonicalisers disagree."""


class TooComplexError(DocumentError):
    """The document is nested too deeply or needs too much work to canonicalise."""


def _load_packaged() -> dict[str, Any]:
    return {url: json.loads((_FOLDER / name).read_text(encoding="utf-8")) for url, name in _FILES.items()}


PACKAGED: Mapping[str, Any] = _load_packaged()


class Processor:
    """Canonicalises and checks documents whose contexts are all in `contexts` (address -> context document).

    Safe for threads: pyld keeps caches that are not, so each call holds a lock (the work is CPU only).
    """

    def __init__(self, contexts: Mapping[str, Any]) -> None:
        self._contexts = contexts
        self._cache: dict[str, Any] = {}
        self._algorithms = _Remembering()
        self._lock = threading.Lock()

    def canonicalize(self, document: Mapping[str, Any]) -> bytes:
        """Return the document's RDF as canonical N-Quads, UTF-8 (RDFC-1.0 with SHA-256).

        Raises DocumentError.
        """
        self._guard(document)
        with self._lock:
            try:
                dataset = self._algorithms.to_rdf(document, self._options())
                text: str = _Bounded().main(dataset, {"format": "application/n-quads"})
            except jsonld.JsonLdError as error:
                raise _explained(error) from error
        return text.encode()

    def check_defined(self, document: Mapping[str, Any]) -> None:
        """Raise UndefinedTermError when a property or type is not defined by the document's contexts.

        Such parts are dropped silently when signing, and refused by verifiers in safe mode.
        """
        self._guard(document)
        contexts = document["@context"]
        contexts = contexts if isinstance(contexts, list) else [contexts]
        probe = {**document, "@context": [*contexts, _PROBE]}
        with self._lock:
            try:
                expanded = self._algorithms.expand(probe, self._options())
            except jsonld.JsonLdError as error:
                raise _explained(error) from error
        if undefined := sorted(set(_undefined(expanded))):
            message = "not defined by the contexts: " + ", ".join(undefined)
            raise UndefinedTermError(message)

    def _guard(self, document: Mapping[str, Any]) -> None:
        if "@context" not in document:
            message = "the document has no @context"
            raise UnknownContextError(message)
        for count, (key, value, depth) in enumerate(_walk(document)):
            if depth > _DEEPEST or count > _MOST_MEMBERS:
                message = "the document is nested too deeply or has too many parts"
                raise TooComplexError(message)
            if key == "@context":
                self._guard_context(value)
            else:
                _guard_key(key)
            if isinstance(value, str):
                _guard_value(key, value)
            elif isinstance(value, int) and abs(value) > _LARGEST:
                message = "a number is too large"
                raise DocumentError(message)
            elif isinstance(value, dict) and value.get("id") == document.get("id", "") and set(value) - _MENTION:
                # RDF joins both places into one: the status of a revoked badge could hide in the second.
                message = "the document describes itself in a second place"
                raise DocumentError(message)

    def _guard_context(self, value: Any) -> None:
        for context in value if isinstance(value, list) else [value]:
            if not isinstance(context, str) or context not in self._contexts:
                shown = context if isinstance(context, str) else "a context written inside the document"
                message = f"unknown context: {shown}"
                raise UnknownContextError(message)

    def _options(self) -> dict[str, Any]:
        return {
            "documentLoader": self._load,
            "contextResolver": ContextResolver(self._cache, self._load),
            "base": "",
            "produceGeneralizedRdf": False,
            "processingMode": "json-ld-1.1",
        }

    def _load(self, url: str, _options: object = None) -> dict[str, Any]:
        if url not in self._contexts:
            message = f"unknown context: {url}"
            raise UnknownContextError(message)
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self._contexts[url],
            "tag": "static",
        }


class _Remembering(jsonld.JsonLdProcessor):  # type: ignore[misc]  # pyld has no types
    """pyld's algorithms, which process a context once in each context that it can stand in, and not once a node.

    Processed contexts never change, and each has an id of its own. pyld remembers them too, but clones what a type
    brings with it each time, under a new id: of a badge's contexts nine in ten were processed again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._processed: dict[tuple[object, ...], tuple[Any, Any]] = {}

    def _process_context(self, active_ctx: Any, local_ctx: Any, options: Any, *flags: Any, **more: Any) -> Any:
        if more.get("cycles") is not None:  # it looks at a scoped context while the one around it is not ready
            return super()._process_context(active_ctx, local_ctx, options, *flags, **more)
        parts = local_ctx if isinstance(local_ctx, (list, tuple)) else (local_ctx,)
        names = (part if isinstance(part, str) else id(part) for part in parts)
        about = (active_ctx["_uuid"], *flags, *sorted(more.items()), None, *names)
        if about not in self._processed:
            if len(self._processed) >= _MOST_CONTEXTS:
                self._processed.clear()
            found = super()._process_context(active_ctx, local_ctx, options, *flags, **more)
            self._processed[about] = local_ctx, found  # while it is kept, nothing else has the id of `local_ctx`
        return self._processed[about][1]


class _Bounded(URDNA2015):  # type: ignore[misc]  # pyld has no types
    """pyld's algorithm with a limit on work: a document of many equal nodes would otherwise run for years.

    RDF Dataset Canonicalization 1.0, section 7.1, asks for such a limit.
    """

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def create_hash_to_related(self, id_: str, issuer: Any) -> Any:
        self._steps += 1
        groups = super().create_hash_to_related(id_, issuer)
        if self._steps > _MOST_STEPS or any(len(nodes) > _MOST_ALIKE for nodes in groups.values()):
            message = "the document has too many parts that look alike"
            raise TooComplexError(message)
        return groups


def _walk(node: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Any, int]]:
    """Yield (key, value, depth) for every member and every list item, without recursion."""
    stack = [(key, node, depth)]
    while stack:
        name, value, level = stack.pop()
        if level:
            yield name, value, level
        if isinstance(value, dict):
            stack.extend((k, v, level + 1) for k, v in value.items())
        elif isinstance(value, list) and name != "@context" and level <= _DEEPEST:
            stack.extend((name, item, level + 1) for item in value)


def _guard_key(key: str) -> None:
    # A property under its full address has the same signature as under its name, but readers of JSON do not see it.
    if key.startswith("@") or ":" in key:
        message = f"{key!r} is not a property of an Open Badge"
        raise DocumentError(message)
    _guard_text(key)


def _guard_value(key: str, value: str) -> None:
    if key == "id" and not _ABSOLUTE.match(value):
        message = f"the id {value!r} is not an absolute address"
        raise DocumentError(message)
    if value.startswith("_:"):
        message = "a text begins with _: and would be taken for a nameless node"
        raise DocumentError(message)
    _guard_text(value)


def _guard_text(text: str) -> None:
    if CONTROL.search(text):
        message = "a text holds a control character"
        raise ControlCharacterError(message)


def _undefined(expanded: Any) -> Iterator[str]:
    if isinstance(expanded, dict):
        types = expanded.get("@type", [])
        for name in [*expanded, *(types if isinstance(types, list) else [types])]:
            if isinstance(name, str) and name.startswith(_UNDEFINED):
                yield name.removeprefix(_UNDEFINED)
        for value in expanded.values():
            yield from _undefined(value)
    elif isinstance(expanded, list):
        for item in expanded:
            yield from _undefined(item)


def _explained(error: Exception) -> DocumentError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DocumentError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return DocumentError(f"not readable as JSON-LD: {getattr(error, 'code', None) or type(error).__name__}")


PROCESSOR = Processor(PACKAGED)
canonicalize = PROCESSOR.canonicalize
check_defined = PROCESSOR.check_defined
