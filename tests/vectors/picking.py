"""Vectors of summaries without a model: what is picked of conversations in several languages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from summaries.worker.engines.extractive import written
from summaries.worker.engines.picking import pick, words_in
from summaries.worker.envelopes import Line
from tests.vectors.making import NOW

MINUTE = 60_000

# Of each conversation: (minutes since the line before, name, text).
Talk = list[tuple[int, str, str]]

GARDEN: Talk = [
    (0, "ada", "The tomato seedlings go out this weekend, before the heat comes."),
    (1, "ben", "Who brings the compost on Saturday?"),
    (1, "cleo", "I bring the compost, at nine."),
    (1, "ben", "ok"),
    (1, "ada", "Then the seedlings can be planted before noon."),
    (300, "cleo", "The council wants the shed painted before June."),
    (1, "ada", "Green for the shed, like the fence behind the beds?"),
    (2, "ben", "Green is fine, I still have two cans of that paint."),
    (1, "cleo", "thanks"),
    (1, "ben", "The shed needs a new lock, too; see https://shop.example.org/locks?id=5."),
    (400, "ada", "The water pump is broken and a new one costs ninety."),
    (1, "cleo", "My uncle repairs pumps in the village, I ask him."),
    (1, "ben", "Call `pump.check(Vec<String>)` in __init__.py and look at x_1."),
    (1, "ada", "lol"),
    (60, "cleo", "He can repair the pump on Monday for twenty."),
]
SAID = ["I merge the parser now.", "Tests of the login are slow today.", "Lunch?"]
ANSWERED = ["The parser needs a review first.", "The login waits for the mail.", "At noon."]
BOT: Talk = [
    line
    for n in range(12)
    for line in (
        (5, "ci", f"Build {1200 + n} passed in {30 + n} seconds."),
        (1, "ada", SAID[n % 3]),
        (1, "ben", ANSWERED[n % 3]),
    )
]
CI: Talk = [  # a program's lines differ in one word; two people talk between them
    (1, "ci", f"Pipeline for branch {word} finished and all of its tests passed.")
    for word in (f"{a}{b}" for a in ("red", "blue", "old", "new", "far") for b in "abcdef")
]
CI[14:14] = [
    (1, "ada", "When do we give the new version to the library?"),
    (1, "ben", "On Thursday, once the security review is through."),
]
CHATTY: Talk = [  # one says much more than the others
    (1, "ada", f"{topic.capitalize()} number one is ready, {topic} number two waits for {other}.")
    for topic in ("kitchen", "garden", "harbour", "library", "railway")
    for other in ("paint", "wood", "water", "people", "money")
]
CHATTY[3:3] = [(1, "ben", "The gardener comes late tomorrow, about noon.")]
CHATTY[9:9] = [(1, "cleo", "My aunt sells wood for the harbour, quite cheap.")]
SCRIPTS: Talk = [
    (0, "ada", "明日の会議は十時からです。資料は誰が作りますか？"),
    (1, "ben", "私が会議の資料を作ります。"),
    (1, "ada", "موعد الاجتماع غدا في العاشرة، من يحضر ملف الاجتماع؟"),
    (1, "cleo", "أنا أحضر ملف الاجتماع غدا"),
    (1, "ben", "ประชุมพรุ่งนี้สิบโมง ใครเตรียมเอกสารประชุม"),
    (1, "ada", "Straße, ÄPFEL und İstanbul: ΣΊΣΥΦΟΣ हिन्दी में लिखा है।"),
    (1, "cleo", "x" * 300 + " " + "word " * 40),
    (1, "dora\n#9", "\u202eevil\u0007 text with a name that breaks lines."),
]
ANSWER_FIRST: Talk = [  # the answer says more than its question, and is picked before it
    (0, "ada", "Who repairs the pump of the lower garden?"),
    (1, "ben", "My uncle repairs the pump of the lower garden on Monday evening, with new seals."),
    (1, "cleo", "good"),
    (1, "dan", "The fence is green."),
    (1, "ada", "thanks"),
]
ADDRESSES: Talk = [
    (0, "ada", "看 https://example.org/a，谢谢大家。"),
    (
        1,
        "ben",
        "See (https://a.example/b_(c)), «https://d.example/?q=e» or [here](https://f.example).",
    ),
    (1, "ada", "![cat](www.g.example/h.png) `https://i.example` and https://j.example:8000/k."),
    (1, "ben", "https://... and www.l.example، then [x](mailto:a@b.example)"),
]
SIGNS: Talk = [
    (0, "ada", "Τι κάνεις σήμερα;"),
    (1, "ben", "Σήμερα κάνω τίποτα."),
    (1, "cleo", "int main() { return go(1); }"),
    (1, "ada", "من يحضر الملف؟ أنا أحضر الملف۔ शाम को। ይመጣል። လာမည်။"),
    (1, "ben", "one line\rtwo lines\u2028three lines\u0085four lines\x0bfive lines"),
    (1, "cleo", "🎉🎉"),
    (1, "ada", "?!"),
]
GREETINGS: Talk = [
    (0, "ada", "Hi!"),
    (1, "ben", "hello"),
    (1, "cleo", "Good morning everyone"),
    (1, "ada", "hey cleo \U0001f44b"),
    (1, "ben", "How are you?"),
    (1, "cleo", "fine, and you?"),
    (1, "ada", "bye!"),
]
ALONE: Talk = [
    (0, "ada", "Notes for today."),
    (5, "ada", "Call the plumber about the leak in the cellar."),
    (5, "ada", "Pay the electricity bill, 84.20 euro, before Friday."),
    (5, "ada", "ok"),
    (300, "ada", "Called the plumber: he comes Tuesday at ten."),
    (5, "ada", "The train is booked, seat 42."),
]
CODE: Talk = [
    (
        0,
        "ada",
        "The build fails:\n```\nerror[E0382]: borrow of moved value: `v`\n --> main.rs:4:20\n```",
    ),
    (1, "ben", "You move `v` into the closure. Use `v.clone()` or a reference `&v`."),
    (1, "ada", "```rust\nlet w: Vec<String> = v.clone();\n```\ncompiles now."),
    (1, "ben", "if (a < b && c[0](x) > d) { return __x__; }"),
    (1, "ada", "Thanks, merged as #123; std::vector<int> stays."),
]
GERMAN: Talk = [
    (0, "j\u00f6rg", "Guten Morgen zusammen!"),
    (1, "anke", "Die Heizung im Vereinsheim ist ausgefallen, es sind nur 12 Grad."),
    (2, "j\u00f6rg", "Hat schon jemand den Notdienst angerufen?"),
    (1, "uwe", "Ja, der Notdienst kommt um 15 Uhr."),
    (200, "uwe", "Die Heizung l\u00e4uft wieder, es war die Pumpe; Kosten etwa 300\u00a0\u20ac."),
]
NAMESAKES: Talk = [  # names that are words
    (0, "will", "The report will be ready on Monday."),
    (1, "may", "May I read the report before?"),
    (1, "will", "Yes, may sends it to mark."),
    (1, "mark", "Mark the pages that need work."),
    (1, "rose", "Prices rose by four percent, says the report."),
    (1, "constructor", "The __proto__ of toString is hasOwnProperty."),
]
MANY: Talk = [
    (180 if at % 3 == 0 else 1, "abc"[at % 3], text)
    for at, text in enumerate(
        [
            "The roof leaks above the stage.",
            "Who can repair the roof?",
            "My brother repairs roofs, he comes Monday.",
            "Tickets for the concert are sold out.",
            "Can we add twenty chairs?",
            "The fire rules allow only ten more chairs.",
            "The piano has to be tuned.",
            "Tuning costs ninety euro.",
            "I pay the tuning from the cash box.",
            "The bar needs more lemonade.",
            "How many crates of lemonade?",
            "Six crates of lemonade and two of water.",
        ]
        * 3
    )
]
QUOTED: Talk = [
    (0, "ada", "> The key is under the mat.\n\nNo, it is with the neighbour."),
    (1, "ben", "On Monday Ada wrote:\n> hello\n>> old\nSee you at six."),
    (1, "ada", "Here is the data:see below, metadata:x and data:text/html,<b>y</b>"),
    (
        1,
        "ben",
        "كتاب (https://пример.рф/а) https://Googlе.com/ www.straße.de [x](data:,y)",
    ),
]
TOPICS = ["kitchen", "garden", "harbour", "library", "railway"]
LONG: Talk = [
    (
        240 if at % 24 == 0 else 1,
        "abcd"[at % 4],
        " ".join(f"{TOPICS[at // 24]}{'abcdefg'[(at * k) % 7]}" for k in range(1, 9)),
    )
    for at in range(120)
]


def picking() -> dict[str, Any]:
    """Conversations, and what is picked of each."""
    talks = {
        "garden": GARDEN,
        "bot": BOT,
        "ci": CI,
        "chatty": CHATTY,
        "scripts": SCRIPTS,
        "long": LONG,
        "none": [],
    }
    talks |= {"answer first": ANSWER_FIRST, "addresses": ADDRESSES, "signs": SIGNS}
    talks |= {"greetings": GREETINGS, "alone": ALONE, "code": CODE, "german": GERMAN}
    talks |= {"namesakes": NAMESAKES, "many": MANY, "quoted": QUOTED}
    talks |= {"only emoji": [(0, "ada", "🎉"), (1, "ben", "👍👍")], "one": [(0, "ada", "Hello?")]}
    return {"talks": {name: _case(talk) for name, talk in talks.items()}, "words": _words()}


def _case(talk: Talk) -> dict[str, Any]:
    lines = []
    ts = NOW
    for seq, (minutes, name, text) in enumerate(talk, 7):
        ts += minutes * MINUTE
        lines.append(Line(seq, name, ts, text))
    slices = pick(lines)
    return {
        "lines": [asdict(line) for line in lines],
        "slices": [asdict(one) for one in slices],
        "text": written(slices),
    }


def _words() -> list[list[Any]]:
    return [[text, words_in(text)] for _, _, text in SCRIPTS]
