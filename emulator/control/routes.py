"""The emulator's own API: every word, one row each."""

from emulator.control import (
    cells,
    clock,
    clouds,
    faults,
    journal,
    lifecycles,
    openapi,
    rate_limits,
    release,
)
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
    word("lifecycles list", "GET", "/lifecycles", lifecycles.index),
    word("lifecycles load", "PUT", "/lifecycles", lifecycles.load, body=lifecycles.LOAD),
    word("lifecycles add", "POST", "/lifecycles", lifecycles.add, body=lifecycles.ADD),
    word("lifecycles remove", "DELETE", "/lifecycles/{name}", lifecycles.remove),
    word("lifecycles clear", "DELETE", "/lifecycles", lifecycles.clear),
    word("faults kinds", "GET", "/faults/kinds", faults.kinds),
    word("faults list", "GET", "/faults", faults.index),
    word("faults add", "POST", "/faults", faults.add, body=faults.ADD),
    word("faults show", "GET", "/faults/{name}", faults.show),
    word("faults remove", "DELETE", "/faults/{name}", faults.remove),
    word("faults clear", "DELETE", "/faults", faults.clear),
    word("cells list", "GET", "/cells", cells.index),
    word("cells set", "PUT", "/cells/{name}", cells.change, body=cells.SET),
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
