from purertc import PeerConnection
from purertc.stats import DataChannelStats, SctpTransportStats
from purertc.testing import LinkConditions, SimulatedNetwork, run_virtual


async def main(network: SimulatedNetwork) -> None:
    here, there = network.add_host("here", "192.0.2.1"), network.add_host("there", "192.0.2.2")
    with here.active():
        left = PeerConnection()
    with there.active():
        right = PeerConnection()
    async with left, right:
        channel = left.create_data_channel("chat")
        for host, one, other in ((here, left, right), (there, right, left)):
            with host.active():
                await one.set_local_description()
                await other.set_remote_description(await one.gathering_complete())
        await channel.opened()
        await channel.send("hello")
        await channel.drain()

        report = await left.get_stats()
        pair = report.selected_pair
        if pair is not None:
            address = report.to_json()[pair.remote_candidate_id]["address"]
            print(f"to {address}, round trip {(pair.current_round_trip_time or 0) * 1000:.0f} ms")
        for stats in report.of_type(DataChannelStats):
            print(f"{stats.label}: {stats.messages_sent} message, {stats.bytes_sent} bytes")
        for sctp in report.of_type(SctpTransportStats):
            print(f"sent again: {sctp.retransmitted_chunks}")


net = SimulatedNetwork(conditions=LinkConditions(latency=0.02))
run_virtual(lambda: main(net), network=net)
