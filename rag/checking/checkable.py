"""Which sentences claim nothing that a page could settle: questions, greetings, instructions, opinions, first person.

Rules over the words alone, for English and Chinese. They lean to "checkable": a claim looked for in vain costs
seconds, one that is passed over is never looked at.
"""

import re

_LETTER = re.compile(r"[^\W_]")
_QUESTION = re.compile(r"[?？][\"'”’」』)）\]]*$")
_ASKS = re.compile(r"(?:吗|呢)[。！!]?$")
_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|welcome|sure|certainly|of course"
    r"|you're welcome|best regards|kind regards|cheers|here (?:is|are) (?:a|an|the|some|another)\b.*:)"
    r"(?=[\s,.!:]|$)"
    r"|(?:你好|您好|大家好|各位好|早上好|晚上好|谢谢|感谢您|欢迎|再见|此致|敬礼|好的)",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"(?:please|let's|let us|don't|do not|never|always|remember|note that|make sure|be sure|consider|try|avoid|check"
    r"|click|select|choose|use|see|read|look|visit|contact|consult|follow|keep|add|go|take|give|tell|ask|start|begin"
    r"|determine|research|compare|write|open|close|run|install|ensure|imagine|suppose|ask|find|get|set|discuss)\s"
    r"(?!\w+ed\b)"  # "Run aground in 1907, the ship" and its like have a participle or an aside instead of an object
    r"|(?:请|让我们|不要|切勿|务必|记得|试试|别|建议(?:您|你|大家)?(?!书))",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(  # as what the sentence is about; "our solar system" further on is nobody's own
    r"^(?:[^,;]{0,40},\s+)?(?:and |but |so )?(?:I|we|my|our|mine|ours)\b(?!\.)"
    r"|\bI (?:think|believe|feel|guess|hope|do not|don't|am|was|have)\b"
    r"|^(?:[^，,；;。]{0,10}[，,])?(?:我(?!国)|咱|本人|笔者)",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:should|ought to|in my (?:opinion|view)|arguably|hopefully|unfortunately|fortunately|important to (?:note"
    r"|remember|ensure)|it is (?:recommended|advisable|best|worth)|beautiful|wonderful|delicious|charming|awful"
    r"|amazing|must-see|the best way)\b"
    r"|应该|应当|理应|值得|最好(?!的)|令人|可惜|遗憾的是|美丽|美味|精彩|了不起|恐怕|但愿|个人认为|说不定",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(?:perhaps|maybe|possibly|presumably|it seems|i guess|might be)\b|也许|或许|大概是|说不定|看起来", re.IGNORECASE
)
_SELF = re.compile(r"\bas an ai\b|作为(?:一个|一名)?(?:人工智能|AI|语言模型)", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"「『].*?[”\"」』]")


def why_not(sentence: str) -> str:
    """Why `sentence` is not checkable: "empty", "heading", "question", "greeting", "instruction", "first person",
    "opinion"; "" where it is.

    What somebody is quoted as saying is his: a first person or an opinion inside quotation marks does not count.
    """
    text = sentence.strip()
    spoken = _QUOTED.sub(" ", text)
    if not _LETTER.search(text):
        return "empty"
    if text.startswith("#") or text.endswith((":", "：")):
        return "heading"
    if _QUESTION.search(text) or _ASKS.search(text):
        return "question"
    if _GREETING.match(text):
        return "greeting"
    if _SELF.search(text) or _FIRST_PERSON.search(spoken):
        return "first person"
    if _IMPERATIVE.match(text):
        return "instruction"
    if _OPINION.search(spoken) or _GUESS.search(spoken):
        return "opinion"
    return ""
