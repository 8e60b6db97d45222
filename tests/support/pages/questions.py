"""What a page asks before it does something."""

import html
import re


def asked(client, page, label):
    """Follow the link of a page that asks first; return the question."""
    found = re.findall(
        r'<a class="[^"]*" href="([^"]+)" data-ask[^>]*>([^<]*)</a>', client.get(page).text
    )
    [href] = [html.unescape(href) for href, text in found if text == label]
    answer = client.get(href)
    assert answer.status_code == 200
    return answer.text
