"""The emulator's own API: every word, one row each."""

from emulator.control import clock, clouds, journal, openapi, rate_limits, release
from emulator.control.words import Word, word

WORDS = (
    word("clock show", "GET", "/clock", clock.show),
    word("clock set", "PUT", "/clock", clock.change, body=clock.SET),
    word("clock advance", "POST", "/clock/advance", clock.advance, body=clock.ADVANCE),
    word("clock settle", "POST", "/clock/settle", clock.settle, body=clock.SETTLE),
    word("clock until", "POST", "/clock/until", clock.until, body=clock.UNTIL),
    word("clouds list", "GET", "/clouds", clouds.index),
    word("clouds create", "POST", "/clouds", clouds.create, body=clouds.CREATE),
    word("clouds delete", "DELETE", "/clouds/{name}", clouds.delete),
    word("release show", "GET", "/release", release.show),
    word("release set", "PUT", "/release", release.change, body=release.SET),
    word("rate-limits show", "GET", "/rate-limits", rate_limits.show),
    word("rate-limits set", "PUT", "/rate-limits", rate_limits.replace, body=rate_limits.SET),
    word("rate-limits reset", "DELETE", "/rate-limits", rate_limits.reset),
    word("journal list", "GET", "/journal", journal.index, query=journal.LIST),
    word("journal clear", "DELETE", "/journal", journal.clear, status=204),
    word("journal why", "GET", "/journal/why/{request_id}", journal.why),
    word("journal at", "POST", "/journal/at", journal.at, body=journal.AT),
    word("journal clean", "GET", "/journal/clean", journal.clean),
    word("journal ignored", "GET", "/journal/ignored", journal.unread),
    word("journal hygiene", "GET", "/journal/hygiene", journal.habits),
    word("journal timeline", "GET", "/journal/timeline", journal.timeline),
    word("control describe", "GET", "/openapi.json", openapi.show),
)

BY_NAME: dict[str, Word] = {each.name: each for each in WORDS}
OPERATIONS = tuple(each.operation for each in WORDS)
