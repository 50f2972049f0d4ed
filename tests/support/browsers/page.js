"use strict";
// One connection of the page. The test runs the functions of `commands` by name; what the page
// has to signal goes to the test in HTTP requests. Messages are written ["text", string] or
// ["binary", base64], as JSON has no bytes.

class Inbox {
  #items = [];
  #readers = [];

  put(item) {
    const reader = this.#readers.shift();
    if (reader) reader(item);
    else this.#items.push(item);
  }

  take() {
    if (this.#items.length) return Promise.resolve(this.#items.shift());
    return new Promise((reader) => this.#readers.push(reader));
  }
}

function encode(data) {
  if (typeof data === "string") return ["text", data];
  let bytes = "";
  for (const byte of new Uint8Array(data)) bytes += String.fromCharCode(byte);
  return ["binary", btoa(bytes)];
}

function decode([kind, text]) {
  return kind === "text" ? text : Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
}

function happened(target, type, already) {
  if (already) return Promise.resolve();
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

class ChannelEnd {
  constructor(channel, greetings) {
    this.channel = channel;
    this.messages = new Inbox();
    this.echoes = false;
    channel.binaryType = "arraybuffer";
    this.opened = happened(channel, "open", channel.readyState === "open");
    this.closed = happened(channel, "close", channel.readyState === "closed");
    channel.addEventListener("open", () => greetings.forEach((each) => channel.send(decode(each))));
    channel.addEventListener("message", ({ data }) => {
      if (this.echoes) channel.send(data);
      else this.messages.put(encode(data));
    });
  }

  describe() {
    const { label, id, ordered, maxPacketLifeTime, maxRetransmits, protocol, negotiated } =
      this.channel;
    return { label, id, ordered, maxPacketLifeTime, maxRetransmits, protocol, negotiated };
  }
}

const ends = [];
const announced = new Inbox();
let pc = null;
let trickles = true;
let greetings = [];
let posted = Promise.resolve();

function signal(message) {
  posted = posted.then(() =>
    fetch("signal", { method: "POST", body: JSON.stringify(message) }),
  );
  return posted;
}

function keep(channel) {
  ends.push(new ChannelEnd(channel, greetings));
  return ends.length - 1;
}

async function describeLocally() {
  await pc.setLocalDescription();
  if (!trickles) {
    while (pc.iceGatheringState !== "complete") await happened(pc, "icegatheringstatechange");
  }
  await signal({ description: pc.localDescription });
}

const commands = {
  start(options) {
    ({ trickles, greetings } = options);
    pc = new RTCPeerConnection(options.configuration);
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (trickles) signal({ candidate });
    });
    pc.addEventListener("datachannel", ({ channel }) => announced.put(keep(channel)));
  },

  offer: describeLocally,

  restart() {
    pc.restartIce();
    return describeLocally();
  },

  async selectedTypes() {
    const stats = await pc.getStats();
    const all = [...stats.values()];
    const transport = all.find(({ type }) => type === "transport");
    const pair = transport
      ? stats.get(transport.selectedCandidatePairId)
      : all.find(({ type, selected }) => type === "candidate-pair" && selected);
    const local = stats.get(pair.localCandidateId);
    const remote = stats.get(pair.remoteCandidateId);
    return { local: local.candidateType, relay: local.relayProtocol, remote: remote.candidateType };
  },

  async accept(description) {
    await pc.setRemoteDescription(description);
    if (description.type === "offer") await describeLocally();
  },

  add(candidate) {
    return pc.addIceCandidate(candidate);
  },

  async connected() {
    while (pc.connectionState !== "connected") {
      if (["failed", "closed"].includes(pc.connectionState)) {
        throw new Error(`connection ${pc.connectionState}`);
      }
      await happened(pc, "connectionstatechange");
    }
  },

  async stable() {
    while (pc.signalingState !== "stable") await happened(pc, "signalingstatechange");
  },

  largestMessage() {
    return pc.sctp.maxMessageSize;
  },

  closeConnection() {
    pc.close();
  },

  create(label, options) {
    return keep(pc.createDataChannel(label, options));
  },

  announced() {
    return announced.take();
  },

  describe(end) {
    return ends[end].describe();
  },

  opened(end) {
    return ends[end].opened.then(() => null);
  },

  closed(end) {
    return ends[end].closed.then(() => null);
  },

  close(end) {
    ends[end].channel.close();
  },

  send(end, messages) {
    messages.forEach((each) => ends[end].channel.send(decode(each)));
  },

  sendAndClose(end, messages) {
    commands.send(end, messages);
    ends[end].channel.close();
  },

  echo(end) {
    ends[end].echoes = true;
  },

  receive(end) {
    return ends[end].messages.take();
  },
};

async function invoke(name, ...values) {
  return JSON.stringify((await commands[name](...values)) ?? null);
}
