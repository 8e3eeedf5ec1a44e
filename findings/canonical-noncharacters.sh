#!/usr/bin/env bash
# Three canonicalisers of RDF (RDFC-1.0) write one text in two ways, so that one badge has two hashes.
#
# Guess: apart from control characters, all of them write a text as it is (RDFC-1.0, "canonical N-Quads"), and hash the
#   same bytes. Of the characters that Unicode gives to nobody none is special, or all 66 are.
# Seen: PyLD 3.3.0 (Python), rdf-canonize 5.0.0 (Node) and pyoxigraph 0.5.13 (Rust) agree on U+FFFD, U+FDD0 and U+1FFFE.
#   On U+FFFE and U+FFFF, and on no other of these, pyoxigraph writes an escape, as N-Triples of RDF 1.2 asks, and the
#   other two write the character. U+007F is the other way round: PyLD alone writes it as it is.
# So: a Data Integrity proof (eddsa-rdfc-2022) over such a text, valid where it was made, fails at the other library.
#   Whoever issues leaves these characters out of what is signed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PyLD==3.3.0 pyoxigraph==0.5.13
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --no-save rdf-canonize@5.0.0

cat >signs.txt <<'END'
fffd
fdd0
1fffe
fffe
ffff
7f
END

cat >python.py <<'END'
import sys

from pyld import jsonld
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, serialize

SUBJECT, PREDICATE = "https://example.org/badge", "https://example.org/name"


def by_pyld(text):
    options = {"algorithm": "URDNA2015", "format": "application/n-quads"}
    return jsonld.normalize({"@id": SUBJECT, PREDICATE: text}, options)


def by_pyoxigraph(text):
    dataset = Dataset([Quad(NamedNode(SUBJECT), NamedNode(PREDICATE), Literal(text))])
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return serialize(dataset, format=RdfFormat.N_QUADS).decode()


write = {"pyld": by_pyld, "pyoxigraph": by_pyoxigraph}[sys.argv[1]]
for line in open("signs.txt"):
    sign = chr(int(line, 16))
    print(line.strip(), "as it is" if f'"a{sign}b"' in write(f"a{sign}b") else "escaped")
END

cat >node.mjs <<'END'
import { readFileSync } from "node:fs";
import { canonize } from "rdf-canonize";

const node = (value) => ({ termType: "NamedNode", value });
for (const line of readFileSync("signs.txt", "utf8").trim().split("\n")) {
  const sign = String.fromCodePoint(parseInt(line, 16));
  const text = { termType: "Literal", value: `a${sign}b`, datatype: node("http://www.w3.org/2001/XMLSchema#string") };
  const quad = {
    subject: node("https://example.org/badge"), predicate: node("https://example.org/name"), object: text,
    graph: { termType: "DefaultGraph", value: "" },
  };
  const written = await canonize([quad], { algorithm: "RDFC-1.0", format: "application/n-quads" });
  console.log(line, written.includes(`"a${sign}b"`) ? "as it is" : "escaped");
}
END

{
  echo "PyLD"; venv/bin/python python.py pyld
  echo "pyoxigraph"; venv/bin/python python.py pyoxigraph
  echo "rdf-canonize"; node node.mjs
} | tee seen.txt

diff - seen.txt <<'END' || { echo "This has changed: read the head of this file again."; exit 1; }
PyLD
fffd as it is
fdd0 as it is
1fffe as it is
fffe as it is
ffff as it is
7f as it is
pyoxigraph
fffd as it is
fdd0 as it is
1fffe as it is
fffe escaped
ffff escaped
7f escaped
rdf-canonize
fffd as it is
fdd0 as it is
1fffe as it is
fffe as it is
ffff as it is
7f escaped
END
echo "As it was seen."
