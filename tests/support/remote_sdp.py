"""Descriptions in the shape that browsers and older software write them."""

from purertc.sansio.description import SessionDescription

SHA256 = ":".join(f"{n:02X}" for n in range(32))
SHA256_OTHER = ":".join(f"{n:02X}" for n in range(32, 64))


def crlf(text: str) -> str:
    return text.strip().replace("\n", "\r\n") + "\r\n"


CHROMIUM_OFFER = crlf(f"""
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 51472 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.7
a=candidate:1467250027 1 udp 2122260223 192.0.2.7 51472 typ host generation 0 network-id 1
a=candidate:435653019 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active generation 0 network-id 1
a=candidate:842163049 1 udp 1677729535 198.51.100.4 51472 typ srflx raddr 192.0.2.7 rport 51472
a=ice-ufrag:eVt0
a=ice-pwd:1JPHuBrmEKLoNy2K5BzyNVwG
a=ice-options:trickle
a=fingerprint:sha-256 {SHA256}
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
""")

CHROMIUM_MEDIA_OFFER = crlf(f"""
v=0
o=- 8403615332048243445 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS 6x9ZxQZqpo19FRr3Q0xsWC2JJ1lVsk2JE0sG
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:8hhY
a=ice-pwd:asd88fgpdd777uzjYhagZg9x
a=ice-options:trickle
a=fingerprint:sha-256 {SHA256}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:6x9ZxQZqpo19FRr3Q0xsWC2JJ1lVsk2JE0sG 4c1bd4ea
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:8hhY
a=ice-pwd:asd88fgpdd777uzjYhagZg9x
a=ice-options:trickle
a=fingerprint:sha-256 {SHA256}
a=setup:actpass
a=mid:1
a=sendrecv
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=ssrc-group:FID 2231627014 632943048
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:8hhY
a=ice-pwd:asd88fgpdd777uzjYhagZg9x
a=ice-options:trickle
a=fingerprint:sha-256 {SHA256}
a=setup:actpass
a=mid:2
a=sctp-port:5000
a=max-message-size:262144
""")

FIREFOX_OFFER = crlf(f"""
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 7190834529184263201 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:sha-256 {SHA256}
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:0 1 UDP 2122187007 192.0.2.9 47731 typ host
a=candidate:1 1 TCP 2105458943 192.0.2.9 9 typ host tcptype active
a=sendrecv
a=end-of-candidates
a=ice-pwd:4f2a1c8d2f5d6e7b8c9d0e1f2a3b4c5d
a=ice-ufrag:9f3e21ab
a=mid:0
a=setup:actpass
a=sctp-port:5000
a=max-message-size:1073741823
""")

LEGACY_OFFER = crlf(f"""
v=0
o=- 1500000000 1500000000 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE data
m=application 9 DTLS/SCTP 5000
c=IN IP4 0.0.0.0
a=mid:data
a=sctpmap:5000 webrtc-datachannel 1024
a=ice-ufrag:eVt0
a=ice-pwd:1JPHuBrmEKLoNy2K5BzyNVwG
a=fingerprint:sha-256 {SHA256}
a=setup:actpass
""")


def offer(sdp: str = CHROMIUM_OFFER, **replacements: str) -> SessionDescription:
    """Return the offer with attribute lines replaced: ``setup="a=setup:active"``; "" removes.

    Underscores in names stand for dashes; all lines of the attribute are replaced by one.
    """
    return SessionDescription("offer", edit(sdp, **replacements))


def edit(sdp: str, **replacements: str) -> str:
    """Replace the lines of attributes, ``m=`` (as ``m``) or ``c=``; an empty text removes them."""
    rows = sdp.strip().split("\r\n")
    for name, text in replacements.items():
        prefix = f"{name}=" if name in ("m", "c", "o", "v", "s", "t") else f"a={name}"
        prefix = prefix.replace("_", "-")
        hits = [n for n, row in enumerate(rows) if row.partition(":")[0].startswith(prefix)]
        assert hits, f"no line begins with {prefix}"
        rows[hits[0]] = text
        rows = [row for n, row in enumerate(rows) if n not in hits[1:]]
    return "\r\n".join(row for row in rows if row) + "\r\n"


def answer_to(offer_sdp: str, **replacements: str) -> SessionDescription:
    """Return a browser-like answer to one of our offers with a single data section."""
    base = edit(CHROMIUM_OFFER, setup="a=setup:active")
    mid = next(row for row in offer_sdp.split("\r\n") if row.startswith("a=mid:"))
    base = edit(base, mid=mid, group=mid.replace("a=mid:", "a=group:BUNDLE "))
    return SessionDescription("answer", edit(base, **replacements))
