"""Where one record ends and the next begins, in content that may be damaged anywhere."""

import re

from include.ingest.feed import Damage, Feed, Unreadable
from include.ingest.heads import HEAD_END, MAX_HEAD
from include.ingest.members import ARC, ARC_START, RECORD_START, VERSION, WARC_START, Content, Plain, open_content

_BLANK = re.compile(rb"[\r\n]*")
_RECORD_END = re.compile(rb"\r{0,2}\n\r{0,2}\n")
_MAY_BE_ARC = re.compile(rb"(?:filedesc|https?|ftp|dns|whois):", re.IGNORECASE)
# Where a record begins after damage, and how far that is from the match. The patterns begin with one plain byte, which
# makes the search twenty times as fast. Where the line end before a WARC record is damaged, its first header tells it.
_NEXT_WARC = rb"/(?:(?<=\nwarc/)" + VERSION + rb"|(?<=warc/)" + VERSION + rb"(?=warc-|content-))"
_NEXT = ((re.compile(_NEXT_WARC, re.IGNORECASE), -4), (re.compile(rb"\n" + ARC, re.IGNORECASE), 1))
_NEXT_OF = {WARC_START: _NEXT[:1], ARC_START: _NEXT[1:], RECORD_START: _NEXT}
_CUT_START = re.compile(rb"W(?:A(?:R(?:C(?:/[0-9.]*\r?)?)?)?)?", re.IGNORECASE)
_ENOUGH = 32
"""Bytes in which the beginning of a WARC record shows, blank lines before it included."""
_LINE = 9 << 10
"""Bytes in which an ARC record's line, which holds an address, shows."""


class Cursor:
    """A place in the content: ``data[pos:]`` is what has been read and not been used.

    Methods raise Damage where the content breaks. The next member is entered in the middle of a record only where it
    continues that record, as in files that were compressed in blocks of equal size.
    """

    def __init__(self, feed: Feed) -> None:
        self.content: Content = open_content(feed)
        self.data = b""
        self.pos = 0
        self.place = 0
        """Where in the file the last record or garbage was found: exact in plain files, else its member."""
        self.skipped = 0
        """Bytes of content that belong to no record, so far."""
        self.at_arc = False
        self._feed = feed
        self._plain = isinstance(self.content, Plain)
        self._block_start = 0
        self._starts = RECORD_START
        self._following = b""
        self._broken: Unreadable | None = None

    def find_record(self) -> bool:
        """Stand at the next record; False at the file's end. Damage (``garbage``) if something else stands there."""
        while True:
            if self.pos == len(self.data):
                if (self.content.ended or not self._more()) and not self._next_member():
                    return False
            elif self.data[self.pos] in b"\r\n":
                self._pass_blank()
            else:
                break
        self.place = self._offset if self._plain else self.content.start
        if not (self._starts.match(self.data, self.pos) or self._begins_record()):
            before = self.skipped
            self._skip_to_record()
            raise Damage("garbage", f"{self.skipped - before} bytes belong to no record")
        if self._starts is RECORD_START:  # what looks like the other format from here on is some page's content
            self._starts = WARC_START if WARC_START.match(self.data, self.pos) else ARC_START
            self.at_arc = self._starts is ARC_START
        return True

    def take_head(self) -> bytes:
        """The header block of the record found, with its blank line; an ARC file's one line."""
        if self.at_arc:
            head = self.take(self.data.index(b"\n", self.pos) + 1 - self.pos)
        else:
            head = self.take_block_head(MAX_HEAD + 1)
        if head:
            if self._plain:
                self._block_start = self._offset
            return head
        endless = len(self.data) - self.pos > MAX_HEAD
        # Not to find it again; what it swallowed can be looked through as long as that costs no more than the file.
        self.pos += 1 if not endless or self._feed.affords(MAX_HEAD) else MAX_HEAD
        self._skip_to_record()
        if endless:
            raise Damage("endless_header", f"the record's header has no end within {MAX_HEAD} bytes")
        raise Damage("cut", "the record's header has no end")

    def take_block_head(self, size: int) -> bytes:
        """Header lines up to a blank line, which is taken too, or to the end of their block of ``size`` bytes.

        Empty, and nothing is taken, if neither comes within ``MAX_HEAD`` bytes or before the content ends.
        """
        searched, bound = self.pos, size if size < MAX_HEAD else MAX_HEAD
        while True:
            limit = min(len(self.data), self.pos + bound)
            end = HEAD_END.search(self.data, searched, limit)
            if end or limit - self.pos == size:
                start, self.pos = self.pos, end.end() if end else limit
                return self.data[start : self.pos]
            have = limit - self.pos
            if have == MAX_HEAD or not self._more(inside=True):
                return b""
            searched = self.pos + max(0, have - 4)

    def take(self, size: int) -> bytes:
        """The next bytes; fewer where the content ends. Copied once."""
        end = self.pos + size
        if end <= len(self.data):
            taken, self.pos = self.data[self.pos : end], end
            return taken
        parts = [memoryview(self.data)[self.pos :]]
        have = len(parts[0])
        self.data, self.pos = b"", 0
        while have < size and (piece := self._piece()):
            self.data, self.pos = piece, min(len(piece), size - have)
            parts.append(memoryview(piece)[: self.pos])
            have += self.pos
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over bytes; returns how many there were."""
        left = size
        while left > len(self.data) - self.pos:
            left -= len(self.data) - self.pos
            self.data, self.pos = self._piece(), 0
            if not self.data:
                return size - left
        self.pos += left
        return size

    def ends_record(self) -> bool:
        """Whether a record can end here: before a blank line, another record, or the end of the member.

        Reads on to the member's end where that is near, so that its checksum speaks before the record is believed.
        """
        if self.content.ended and len(self.data) - self.pos == 4 and self.data.endswith(b"\r\n\r\n"):
            self.pos += 4  # as in nearly all files: saves a microsecond
            return True
        self._peek(6)
        end = _RECORD_END.match(self.data, self.pos)
        if end is None:
            self._pass_blank()
            return not self._peek(1) or self._begins_record()
        self.pos = end.end()
        if self.pos == len(self.data) and not self.content.ended:
            self._more()
        return True

    def swallowed_record(self, block: bytes) -> bool:
        """Whether a record begins in the block that was taken, and none where it ended: a false length can lead to the
        blank line of the next record's header.
        """
        if self.pos < len(self.data):
            self._pass_blank()
        if self.pos == len(self.data) or self._begins_record():
            return False
        return any(pattern.search(block) for pattern, _ in _NEXT_OF[self._starts])

    def can_hold(self, size: int) -> bool:
        """Whether the block that begins here can have that size; False only if the file is known to end before."""
        return not self._plain or self._feed.size is None or self._block_start + size <= self._feed.size

    def find_after(self, block: bytes, seen: int) -> None:
        """After a record whose length is wrong: stand at the next record, which the length may have swallowed.

        Args:
            block: what was taken as the record's block, if it is still there; in a plain file it is read again.
            seen: its size.
        """
        if self._plain:
            current = self._offset
            if current > self._block_start:
                self.data, self.pos = b"", 0
                self.skipped += self._feed.go_to(self._block_start, current) - self._block_start
        elif len(block) == seen and self._feed.affords(seen):
            self.data, self.pos = block + self.data[self.pos :], 0
        else:
            self.skipped += seen
        self._skip_to_record()

    def recover(self) -> int:
        """After Unreadable: stand before the next sound member; returns the bytes of the file that are lost."""
        self.data, self.pos, self._following = b"", 0, b""
        return self.content.recover()

    @property
    def _offset(self) -> int:
        if self._plain:
            return self._feed.offset - len(self.data) + self.pos
        return self.content.start

    def _skip_to_record(self) -> None:
        """Stand at the next place in this member where a record begins, or at the member's end."""
        if self._begins_record():
            return
        patterns = _NEXT_OF[self._starts]
        overlap = _ENOUGH if self._starts is WARC_START else _LINE
        while True:
            matches = ((pattern.search(self.data, self.pos + max(0, -shift)), shift) for pattern, shift in patterns)
            starts = [match.start() + shift for match, shift in matches if match]
            # What is not all there cannot match yet: the last bytes are looked at again, together with the next.
            end = min(starts, default=max(self.pos, len(self.data) - overlap))
            self.skipped += end - self.pos
            self.pos = end
            if starts:
                return
            if not self._more():
                self.skipped += len(self.data) - self.pos
                self.pos = len(self.data)
                return

    def _begins_record(self) -> bool:
        while not self._peek(_ENOUGH) and _CUT_START.fullmatch(self.data, self.pos) and self._more(inside=True):
            pass
        if self._starts.match(self.data, self.pos):
            return True
        if self._starts is WARC_START or not _MAY_BE_ARC.match(self.data, self.pos):
            return False
        self._peek(_LINE)
        return self._starts.match(self.data, self.pos) is not None

    def _pass_blank(self) -> None:
        blank = _BLANK.match(self.data, self.pos)
        self.pos = blank.end() if blank else self.pos

    def _peek(self, size: int) -> bool:
        """Have ``size`` unused bytes of this member, or all that it has left."""
        while len(self.data) - self.pos < size:
            if not self._more():
                return False
        return True

    def _more(self, *, inside: bool = False) -> bool:
        piece = self._piece() if inside or self._following or self._broken else self.content.piece()
        if piece:
            self.data, self.pos = (self.data[self.pos :] + piece if self.pos < len(self.data) else piece), 0
        return bool(piece)

    def _piece(self) -> bytes:
        """The next bytes of the record that is open: of this member, or of the next one if that continues it."""
        if self._following or self._broken:
            return b""
        piece = self.content.piece()
        while not piece and self.content.framed:
            try:
                if not self.content.next_member():
                    return b""
                while len(piece) < _LINE and (part := self.content.piece()):
                    piece += part
            except Unreadable as damage:  # the record before is cut whatever stands here: two places, told apart
                self._broken = damage
                return b""
            if self._starts.match(piece.lstrip(b"\r\n")):
                self._following, piece = piece, b""
                return piece
        return piece

    def _next_member(self) -> bool:
        if self._broken:
            damage, self._broken = self._broken, None
            raise damage
        if self._following:
            self.data, self.pos, self._following = self._following, 0, b""
            return True
        return self.content.next_member()
