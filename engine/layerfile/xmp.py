"""A workflow inside an XMP packet, and XML from strangers read without its dangers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

from ..errors import BadInput

NAMESPACE = "https://github.com/switchyard-nodes/ComfyUI-Switchyard/ns/1.0/"
MOST_BYTES = 32 << 20  # of XML; a large workflow has one megabyte
DEEPEST = 200  # elements inside each other: groups of layers nest
MOST_ELEMENTS = 100_000  # 40 KB in a zip can unpack to millions, and each takes 100 bytes of memory or more

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML can hold them


def xmp_packet(metadata: Mapping[str, str]) -> bytes:
    """Keyword -> text as XMP: a list of pairs, so that a keyword may be any text."""
    pairs = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<switchyard:keyword>{_text(key)}</switchyard:keyword><switchyard:text>{_text(value)}</switchyard:text></rdf:li>"
        for key, value in metadata.items()
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:switchyard="{NAMESPACE}">'
        f"<switchyard:metadata><rdf:Bag>{pairs}</rdf:Bag></switchyard:metadata>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def metadata_of(packet: bytes) -> dict[str, str]:
    """The pairs that `xmp_packet` wrote; nothing where the XMP is of another kind, or broken: it is not the picture."""
    try:
        root = parse_xml(packet)
    except BadInput:
        return {}
    found = {}
    for item in root.iter(f"{{{_RDF}}}li"):
        key, text = item.find(f"{{{NAMESPACE}}}keyword"), item.find(f"{{{NAMESPACE}}}text")
        if key is not None and text is not None:
            found[key.text or ""] = text.text or ""
    return found


def parse_xml(data: bytes) -> Element:
    """The root element; a name with a namespace is "{namespace}name". Raises BadInput for what is not XML, and for a
    document type in it: with that come entities, which can grow without end or name other files."""
    if len(data) > MOST_BYTES:
        raise BadInput(f"XML of {len(data) / 1e6:.0f} MB is more than a layer file has.")
    builder, depth, number = TreeBuilder(), 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, number
        depth += 1
        number += 1
        if depth > DEEPEST:
            raise BadInput(f"The XML of the layer file is nested more than {DEEPEST} deep.")
        if number > MOST_ELEMENTS:
            raise BadInput(f"The XML of the layer file has more than {MOST_ELEMENTS:,} elements.")
        builder.start(_named(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    def refuse(*_: object) -> None:
        raise BadInput(
            "The XML of the layer file declares a document type, which no painting program writes."
        )

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):  # Python raises the last two for strange encodings
        raise BadInput("The XML of the layer file is broken.") from None
    return builder.close()


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", value)).replace("\r", "&#13;")
