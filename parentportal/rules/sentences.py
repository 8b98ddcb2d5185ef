"""Dutch sentences for people that can be said in another language, because they keep what they were made of."""

from typing import Any


class Sentence(str):
    """A Dutch sentence, ready to read; `msgid` and `values` let a page say it in its own language.

    Everywhere but at the edge it is a plain string, so that a command or a log prints it as it is.
    """

    msgid: str
    values: dict[str, Any]


def N_(msgid: str, /, **values: Any) -> Sentence:  # noqa: N802 - the name under which translators' tools find sentences
    """A whole sentence, with named places for `values`; without values a percent sign is just that.

    Values that are sentences themselves are said in the reader's language too.
    """
    sentence = Sentence(msgid % values if values else msgid)
    sentence.msgid, sentence.values = msgid, values
    return sentence
