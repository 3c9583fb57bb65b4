"""Are the messages that `relay sink --save` kept the ones that the client sent? Every message carries the checksum of its own body."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class SavedMessages:
    """What was found in the folder."""

    count: int = 0
    damaged: list[str] = field(default_factory=list)


def check_saved(folder: str) -> SavedMessages:
    """Compares the body of every `N.eml` with the checksum in its header; the relay may have added to the header only."""
    found = SavedMessages()
    for path in Path(folder).glob("*.eml"):
        found.count += 1
        header, _, body = path.read_bytes().partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in header.split(b"\r\n") if line.startswith(b"X-Ledger-") and b": " in line)
        if fields.get(b"X-Ledger-Sha256", b"").decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
            found.damaged.append(f"{path.name} ({fields.get(b'X-Ledger-Id', b'no id').decode('ascii', 'replace')})")
    return found
