import re
from html.parser import HTMLParser

EMPTY = {"meta", "br", "img", "link"}


class Checker(HTMLParser):
    """Every element is closed, every name inside is unique and every reference is met."""

    def __init__(self):
        super().__init__()
        self.open, self.names, self.wanted, self.text, self.sources = [], [], set(), [], []

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append(tag)
        self._look(attrs)

    def handle_startendtag(self, tag, attrs):
        self._look(attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def _look(self, attrs):
        for name, value in attrs:
            if name == "id":
                self.names.append(value)
            if name in ("src", "href"):
                self.sources.append(value)
            self.wanted.update(re.findall(r"url\(#([^)]*)\)", value or ""))


def check_page(text):
    """Refuse a page that is broken, or needs anything but itself; return its text."""
    words = re.sub(r"base64,[^\"]*", "", text)  # pictures spell anything
    for forbidden in ("http:", "https:", "//www", "src=", "@import", "<script", "<link"):
        assert forbidden not in words
    checker = Checker()
    checker.feed(text)
    assert not checker.open
    assert len(checker.names) == len(set(checker.names))
    assert checker.wanted <= set(checker.names)
    for source in checker.sources:
        assert source.startswith("data:") or source.removeprefix("#") in checker.names
    return " ".join("".join(checker.text).split())
