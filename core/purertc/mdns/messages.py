"""Messages of multicast DNS (RFC 6762), as far as host names need them.

Importing this module loads dnspython, which takes its time; so it is imported at the first need.
"""

import ipaddress
from collections.abc import Iterable, Sequence

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from purertc.errors import BadPacket
from purertc.mdns.records import HostRecord, MdnsMessage, Question

__all__ = ["build_query", "build_response", "parse_message"]

_TOP_BIT = 0x8000
"""In a question: a unicast answer is welcome (RFC 6762 section 5.4). In a record: it replaces
what others remember (section 10.2)."""

_IN = dns.rdataclass.IN
_UNIQUE = dns.rdataclass.RdataClass.make(_IN | _TOP_BIT)
_MAX_ITEMS = 64
"""How many questions and records of one message are looked at."""


def parse_message(payload: bytes) -> MdnsMessage:
    """Parse a message; what is not about addresses of hosts is left out. Raises BadPacket."""
    try:
        message = dns.message.from_wire(payload, ignore_trailing=True)
        if message.opcode() != dns.opcode.QUERY or message.rcode() != 0:
            raise BadPacket("an mDNS message with another opcode or a response code")
        questions = [_question(each) for each in message.question[:_MAX_ITEMS]]
        sections = [*message.answer, *message.additional]
        records = [record for each in sections[:_MAX_ITEMS] for record in _records(each)]
    except (dns.exception.DNSException, ValueError) as error:
        raise BadPacket(f"no mDNS message: {type(error).__name__}") from error
    return MdnsMessage(
        id=message.id,
        is_response=bool(message.flags & dns.flags.QR),
        questions=tuple(each for each in questions if each is not None),
        records=tuple(records[:_MAX_ITEMS]),
    )


def build_query(name: str) -> bytes:
    """Return a query for both kinds of addresses (RFC 6762 section 5.2)."""
    message = dns.message.QueryMessage(id=0)
    message.flags = dns.flags.Flag(0)
    message.question = _both_kinds(name)
    return message.to_wire()


def build_response(
    records: Iterable[HostRecord], *, legacy_id: int = 0, legacy_questions: Sequence[Question] = ()
) -> bytes:
    """Return a response.

    One to an ordinary resolver repeats its id and its questions and leaves out the bit that such
    a one does not know (RFC 6762 section 6.7).
    """
    message = dns.message.QueryMessage(id=legacy_id)
    message.flags = dns.flags.QR | dns.flags.AA
    for question in legacy_questions:
        message.question += _both_kinds(question.name, v4=question.v4, v6=question.v6)
    rdclass = _IN if legacy_questions else _UNIQUE
    for record in records:
        packed = ipaddress.ip_address(record.host).packed
        kind = dns.rdatatype.A if len(packed) == 4 else dns.rdatatype.AAAA
        rdata = dns.rdata.from_wire(rdclass, kind, packed, 0, len(packed))
        message.answer.append(
            dns.rrset.from_rdata(dns.name.from_text(record.name), record.ttl, rdata)
        )
    return message.to_wire()


def _both_kinds(name: str, *, v4: bool = True, v6: bool = True) -> list[dns.rrset.RRset]:
    wanted = [dns.rdatatype.A] * v4 + [dns.rdatatype.AAAA] * v6
    return [dns.rrset.RRset(dns.name.from_text(name), _IN, kind) for kind in wanted]


def _question(entry: dns.rrset.RRset) -> Question | None:
    name = _host_name(entry.name)
    rdclass, kind = int(entry.rdclass), entry.rdtype
    if name is None or rdclass & ~_TOP_BIT not in (_IN, dns.rdataclass.ANY):
        return None
    v4 = kind in (dns.rdatatype.A, dns.rdatatype.ANY)
    v6 = kind in (dns.rdatatype.AAAA, dns.rdatatype.ANY)
    return Question(name, v4, v6, bool(rdclass & _TOP_BIT)) if v4 or v6 else None


def _records(entry: dns.rrset.RRset) -> Iterable[HostRecord]:
    name = _host_name(entry.name)
    if name is None or int(entry.rdclass) & ~_TOP_BIT != _IN:
        return
    length = {dns.rdatatype.A: 4, dns.rdatatype.AAAA: 16}.get(entry.rdtype)
    for rdata in entry:
        packed = rdata.to_wire() if length is not None else None
        if packed is not None and len(packed) == length:
            yield HostRecord(name, str(ipaddress.ip_address(packed)), entry.ttl)


def _host_name(name: dns.name.Name) -> str | None:
    """Return a name of one label below ``local``; None for all others."""
    labels = [label.lower() for label in name.labels]
    if len(labels) != 3 or labels[1:] != [b"local", b""] or not labels[0].isascii():
        return None
    return f"{labels[0].decode('ascii')}.local"
