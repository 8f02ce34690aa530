"""What members write becomes a small part of Markdown, and never anybody's HTML."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consults.discussion.thread import markup
from consults.discussion.thread.markup import Links, Person

CHIP = '<a class="citation" href="{}" target="_blank" rel="noopener noreferrer" title="leaves this site">{}'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Plain.", "<p>Plain.</p>"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("`CD30+`", "<p><code>CD30+</code></p>"),
        ("> 5 mm thick", "<p>&gt; 5 mm thick</p>"),
        (">5 mm and < 7 mm", "<p>&gt;5 mm and &lt; 7 mm</p>"),
        ("# no heading", "<p># no heading</p>"),
        ("![x](https://doi.org/x.png)", None),
        ("[words](javascript:alert(1))", "<p>[words](javascript:alert(1))</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("<!-- --> &lt; \"'", "<p>&lt;!-- --&gt; &amp;lt; &quot;&#x27;</p>"),
        ("snake_case_word", "<p>snake_case_word</p>"),
        ("https://example.com/x", "<p>https://example.com/x</p>"),
    ],
)
def test_a_small_part_of_markdown(text: str, html: str | None) -> None:
    made = markup.render(text)

    assert html is None or made == html
    assert "<img" not in made
    assert "<script" not in made


@pytest.mark.parametrize(
    ("text", "href", "words"),
    [
        ("doi:10.1000/182", "https://doi.org/10.1000/182", "doi:10.1000/182"),
        ("DOI 10.1000/182.", "https://doi.org/10.1000/182", "doi:10.1000/182"),
        ("10.1000/182", "https://doi.org/10.1000/182", "doi:10.1000/182"),
        ("(https://doi.org/10.1000/182)", "https://doi.org/10.1000/182", "doi:10.1000/182"),
        (
            "10.1016/S0140-6736(20)30183-5, and",
            "https://doi.org/10.1016/s0140-6736(20)30183-5",
            "doi:10.1016/S0140-6736(20)30183-5",
        ),
        ("10.1000/a_b_c", "https://doi.org/10.1000/a_b_c", "doi:10.1000/a_b_c"),
        ("PMID: 12345678", "https://pubmed.ncbi.nlm.nih.gov/12345678/", "PMID 12345678"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345678/", "https://pubmed.ncbi.nlm.nih.gov/12345678/", "PMID 12345678"),
        ("NCT01234567", "https://clinicaltrials.gov/study/NCT01234567", "NCT01234567"),
        ("https://clinicaltrials.gov/study/NCT01234567", "https://clinicaltrials.gov/study/NCT01234567", "NCT01234567"),
        (
            "https://www.nejm.org/doi/x?y=1&z=2",
            "https://www.nejm.org/doi/x?y=1&amp;z=2",
            "www.nejm.org/doi/x?y=1&amp;z=2",
        ),
        ("http://dermnetnz.org/topics/x.", "https://dermnetnz.org/topics/x", "dermnetnz.org/topics/x"),
    ],
)
def test_citations_lead_away_and_say_so(text: str, href: str, words: str) -> None:
    assert CHIP.format(href, words) in markup.render(f"See {text} there")


@pytest.mark.parametrize(
    "text",
    [
        "https://doi.org.example.com/x",
        "https://nejm.org@example.com/",
        "v10.1",
        "NCT123",
        "pmid",
        "10.1/x",
        "5-10.1000 x",
    ],
)
def test_other_addresses_lead_nowhere(text: str) -> None:
    assert "<a" not in markup.render(f"See {text} there")


PEOPLE = (
    Person("Leyla Soydan", "Leyla Demir", "/members/1/"),
    Person("Leyla", "Leyla Kaya", ""),
    Person("residents", "residents", ""),
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("@Leyla Soydan, look", '<a class="mention" href="/members/1/">@Leyla Demir</a>, look'),
        ("@Leyla Soydan'ın", '<a class="mention" href="/members/1/">@Leyla Demir</a>&#x27;ın'),
        ("@Leyla look", '<span class="mention">@Leyla Kaya</span> look'),
        ("@residents", '<span class="mention">@residents</span>'),
        ("@Leylas", "@Leylas"),
        ("a@Leyla", "a@Leyla"),
        ("**@Leyla**", '<strong><span class="mention">@Leyla Kaya</span></strong>'),
        ("`@Leyla`", "<code>@Leyla</code>"),
    ],
)
def test_whom_a_text_addresses(text: str, html: str) -> None:
    assert markup.render(text, links=Links(people=PEOPLE)) == f"<p>{html}</p>"


def test_a_name_is_no_markup() -> None:
    made = markup.render("@X Y", links=Links(people=[Person("X Y", "<b>Eve</b>", '/"><script>')]))

    assert "<b>" not in made
    assert "<script>" not in made


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("see 2", 2), ("See #2.", 2), ("#2", 2), ("(#2)", 2), ("bkz. 2", 2), ("see 3", None), ("see 2 mm", None),
        ("see 2.5", None), ("#22", None), ("a#2", None), ("see 20", None), ("foresee 2", None),
    ],
)  # fmt: skip
def test_pins_that_are_there_are_reached(text: str, number: int | None) -> None:
    found = re.findall(r'href="#pin-(\d+)"', markup.render(f"Now {text} there", links=Links(pins={1, 2})))

    assert found == ([] if number is None else [str(number)])


def test_a_line_without_marks() -> None:
    assert markup.plain("> **Yes**\n- `a`\n1. b_c") == "Yes\na\nbc"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>&\"'`*_->#@\n 0129.()[]!abcLeyla/:", max_size=200))
def test_nothing_but_our_own_tags(text: str) -> None:
    made = markup.render(text, links=Links(people=PEOPLE, pins={1}))
    tags = set(re.findall(r"</?([a-zA-Z!?][^\s>/]*)", made))

    assert tags <= {"p", "strong", "em", "ul", "ol", "li", "blockquote", "code", "br", "a", "span"}
