"""Web and e-mail addresses in running text, as Telegram marks them (source: td MessageEntity.cpp find_urls).

Telegram looks at every dot: the signs left and right of it that a host may hold, then a port, a path, a name before an
at sign and a scheme. What remains must be a host with a real ending.
"""

import re
from collections.abc import Iterator

_SPACES = r" \xa0\u1680\u2000-\u200b\u200e\u200f\u2016-\u206f\u3000"
_HOST = re.compile(r"[^\x00-\x2c/:-@\[-^`{-}\x7f-\xbf" + _SPACES + "]*")
_HOST_AT = re.compile(r"(?:[^\x00-\x2c/:-@\[-^`{-}\x7f-\xbf" + _SPACES + "]|@)*")
_USER = re.compile(r"[^\n/\[\]{}()'`<>\"@\xab\xbb" + _SPACES + "]*")
_PATH = re.compile(r"[/?#][^\n<>\"\xab\xbb" + _SPACES + "]*")
_SCHEME = re.compile(r"(?:[a-zA-Z0-9+-]|[^\x00-\x7f\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])*")
_PORT = re.compile(r":0*([1-9][0-9]{0,4})(?![0-9])")
_SCHEMES = re.compile(r"(?:http|https|ftp|tonsite)://", re.IGNORECASE)
_OWN = re.compile(r"(?:ton|tg)://[a-zA-Z0-9_-]{1,253}", re.IGNORECASE)
_LAST_PORT = 65535
_PATH_END = ".:;,('?!`"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_EMAIL = re.compile(
    r"(?:[a-zA-Z0-9_-]{0,26}[.+]){0,10}[a-zA-Z0-9_-]{1,35}"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,28}[a-zA-Z0-9])?\.){1,6}[a-zA-Z]{2,8}"
)
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.|$)){4}(?<!\.)")
_LABEL = 64
_KNOWN = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca "
    "cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr "
    "ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm "
    "jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq "
    "mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa "
    "re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn "
    "to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw academy agency app art asia bank "
    "bar best bike biz blog bot business cafe camera care cash center chat city cloud club coffee com community "
    "company cool credit delivery design dev digital directory edu education email events exchange expert express "
    "family farm fashion finance fit flowers food fun fund gallery games gift gifts global gold gov group guide guru "
    "health help homes host hotel house info ink institute int international jewelry jobs kitchen land legal life "
    "live loans love ltd management market marketing media mil mobi moda money museum name net network news ninja one "
    "online org page partners parts pet photo photography photos pizza place plus press pro pub red rent rentals "
    "repair report rest restaurant reviews rocks run sale salon school services shoes shop shopping show site social "
    "software solutions space store studio style support systems tax taxi team tech technology tel tips today tools "
    "top tours town toys trade training travel university vip watch website wedding wiki win work works world wtf xxx "
    "xyz yoga zone рф укр бел москва онлайн сайт ton onion"
)
_ENDINGS = frozenset(_KNOWN.split())


def find_addresses(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield kind (`url`, `email`), begin and end of each web and e-mail address."""
    for first, last in _Dots(text).spans():
        value = text[first:last]
        if _EMAIL.fullmatch(value):
            yield "email", first, last
        elif value.startswith("mailto:") and _EMAIL.fullmatch(value[7:]):
            yield "email", first + 7, last
        elif length := _address(value):
            yield "url", first, first + length


def find_own_schemes(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield kind, begin and end of each address within Telegram or TON."""
    for match in _OWN.finditer(text):
        path = _PATH.match(text, match.end())
        last = _without_end(text, match.end(), path.end()) if path else match.end()
        yield "url", match.start(), last


def _without_end(text: str, begin: int, last: int) -> int:
    """Return where a path ends that begins at `begin`, without closing punctuation."""
    while last > begin + 1 and text[last - 1] in _PATH_END:
        last -= 1
    return last if text[begin] == "/" or last > begin + 1 else begin


class _Dots:
    """Walks over the dots of a text; each address is taken out whole."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._mirror = text[::-1]
        self._floor = 0

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield begin and end of what looks like an address."""
        text = self._text
        while 0 <= (dot := text.find(".", self._floor)) < len(text) - 1:
            if text[dot + 1] == " ":
                self._floor = dot + 2
                continue
            first, last = self._around(dot)
            if first < 0:
                last = text.rfind(".", 0, last) + 1
            else:
                if last > dot + 1:
                    yield first, last
                while text[last : last + 1] == ".":
                    last += 1
            self._floor = max(last, dot + 1)

    def _left(self, pattern: re.Pattern[str], position: int) -> int:
        size = len(self._text)
        found = pattern.match(self._mirror, size - position, size - self._floor)
        return size - found.end() if found else position

    def _around(self, dot: int) -> tuple[int, int]:
        """Return begin and end of the address at a dot; the begin is -1 when what stands before forbids one."""
        text = self._text
        first = self._left(_HOST, dot)
        right = _HOST_AT.match(text, dot)
        last = right.end() if right else dot
        at = "@" in text[dot:last]
        if at:
            first = self._left(_USER, first)
        last = self._path(last)
        while last > dot + 1 and text[last - 1] == ".":
            last -= 1
        bad = False
        if first > self._floor and text[first - 1] == "@":
            user = self._left(_USER, first - 1)
            bad = at or user == first - 1
            first = user
        if first > self._floor and not bad:
            first = self._scheme(first)
        return (-1 if bad else first), last

    def _path(self, last: int) -> int:
        text = self._text
        port = _PORT.match(text, last)
        if port and int(port[1]) <= _LAST_PORT:
            last = port.end()
        path = _PATH.match(text, last)
        return _without_end(text, last, path.end()) if path else last

    def _scheme(self, first: int) -> int:
        text = self._text
        if not text.endswith("://", self._floor, first):
            before = text[first - 1]
            return -1 if before.isalnum() or before in "_/#@" else first
        scheme = text[self._left(_SCHEME, first - 3) : first - 3].lower()
        if scheme.endswith("https"):
            return first - 8
        for name, others in (("http", {"shttp"}), ("ftp", {"tftp", "sftp"}), ("tonsite", set[str]())):
            if scheme.endswith(name) and scheme not in others:
                return first - len(name) - 3
        return -1


def _address(value: str) -> int:
    """Return how much of a value is an address, 0 for nothing."""
    scheme = _SCHEMES.match(value)
    begin = scheme.end() if scheme else 0
    split = re.search("[/?#]", value[begin:])
    path = begin + split.start() if split else len(value)
    host = re.sub(r":[^:]*$", "", value[begin:path].split("@", 1)[-1])
    if not _is_host(host, known=not scheme):
        return 0
    return path + _balanced(value[path:])


def _balanced(path: str) -> int:
    """Return the length of a path up to the first bracket that closes nothing, without closing punctuation."""
    counts = dict.fromkeys("([{", 0)
    for place, sign in enumerate(path):
        if sign in counts:
            counts[sign] += 1
        elif sign in _PAIRS:
            counts[_PAIRS[sign]] -= 1
            if counts[_PAIRS[sign]] < 0:
                path = path[:place]
                break
    return len(path.rstrip(_PATH_END))


def _is_host(host: str, *, known: bool) -> bool:
    labels = host.split(".")
    if host.lower() == "teiegram.org" or len(labels) == 1:
        return False
    if any(not label or len(label.encode()) >= _LABEL or label.endswith("-") for label in labels):
        return False
    if _IPV4.fullmatch(host):
        return True
    if re.fullmatch(r"[0-9.]+", host) or len(labels[-1]) == 1 or "_" in labels[-2]:
        return False
    if labels[-1].startswith("xn--"):
        return bool(re.fullmatch(r"[a-zA-Z0-9]{2,}", labels[-1][4:]))
    return not set("_-") & set(labels[-1]) and (not known or _is_known(labels[-1]))


def _is_known(ending: str) -> bool:
    """Say whether an ending is a common one; `Me` after a dot rather begins a sentence."""
    lower = ending.lower()
    return lower in _ENDINGS and (lower == ending or lower[1:] != ending[1:])
