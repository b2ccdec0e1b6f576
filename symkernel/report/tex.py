"""Plain text for LaTeX: what is special there is escaped, and mathematical characters are set as mathematics."""

from __future__ import annotations

import re
from unicodedata import decomposition, name, normalize

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "$": r"\$",
    "^": r"\^{}", "~": r"$\sim$", "<": "$<$", ">": "$>$", "|": "$|$", "§": r"\S{}",
}  # fmt: skip
_SIGNS = {
    "ℓ": r"\ell", "ℚ": r"\mathrm{Q}", "φ": r"\varphi", "ϕ": r"\phi", "ε": r"\varepsilon", "ο": "o", "·": r"\cdot",
    "×": r"\times", "÷": r"\div", "⁄": "/", "±": r"\pm", "∓": r"\mp", "−": "-", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "∞": r"\infty", "√": r"\surd", "∫": r"\int", "∂": r"\partial", "∈": r"\in", "⊂": r"\subset",
    "∩": r"\cap", "∘": r"\circ", "→": r"\to", "↦": r"\mapsto", "⇔": r"\Leftrightarrow", "⇒": r"\Rightarrow",
    "‖": r"\|", "⟨": r"\langle", "⟩": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor", "∎": r"\bullet", "¹": "^{1}",
    "²": "^{2}", "³": "^{3}", "λ": r"\lambda", "Λ": r"\Lambda", "ς": r"\varsigma",
}  # fmt: skip
_CAPITALS = {"GAMMA", "DELTA", "THETA", "XI", "PI", "SIGMA", "UPSILON", "PHI", "PSI", "OMEGA"}
"""The Greek capitals that do not look like Latin ones; LaTeX has no others."""
_ACCENTS = {"\u0303": r"\tilde", "\u0304": r"\bar", "\u0302": r"\hat"}
_LATIN = {c for c in map(chr, range(0xC0, 0x180)) if c not in "×÷" and name(c, "").startswith("LATIN")}
"""Letters that LaTeX reads from UTF-8 as they are."""
_PIECE = re.compile("(?P<base>.)(?P<accent>[\u0302-\u0304])|(?P<one>.)", re.DOTALL)


def escaped(plain: str) -> str:
    r"""The text for LaTeX, with nothing beyond amsmath-free LaTeX and letters of Latin script in it.

    >>> escaped("50% of κ_0"), escaped("C⁴ρ̃ → ½")
    ('50\\% of $\\kappa$\\_0', 'C$^{4}$$\\tilde{\\rho}$ $\\to$ $\\frac{1}{2}$')
    """
    return "".join(_piece(match) for match in _PIECE.finditer(normalize("NFC", plain)))


def _piece(match: re.Match[str]) -> str:
    if match["accent"]:
        return f"${_ACCENTS[match['accent']]}{{{_sign(match['base']) or match['base']}}}$"
    character = match["one"]
    if character in _SPECIAL:
        return _SPECIAL[character]
    if " " <= character <= "~" or character in _LATIN:
        return character
    sign = _sign(character)
    return f"${sign}$" if sign else f"[U+{ord(character):04X}]"


def _sign(character: str) -> str | None:
    """A character in math mode: by the table, as a Greek letter, a super- or subscript, or a fraction."""
    if character in _SIGNS:
        return _SIGNS[character]
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name(character, ""))
    if greek and (greek[1] == "SMALL" or greek[2] in _CAPITALS):
        small = greek[2].lower()
        return f"\\{small if greek[1] == 'SMALL' else small.capitalize()}"
    kind, *parts = decomposition(character).split() or [""]
    text = "".join(chr(int(p, 16)) for p in parts) if kind.startswith("<") else ""
    if kind in ("<super>", "<sub>"):
        return f"{'^' if kind == '<super>' else '_'}{{{_sign(text) or text}}}"
    if kind == "<fraction>":
        return r"\frac{{{}}}{{{}}}".format(*text.split("\u2044"))
    return r"\ldots" if character == "…" else None
