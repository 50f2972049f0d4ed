from purertc import ConnectionFailed, PeerConnection, explain
from purertc.testing import SimulatedNetwork, run_virtual


async def main(network: SimulatedNetwork) -> None:
    here, there = network.add_host("here", "192.0.2.1"), network.add_host("there", "192.0.2.2")
    with here.active():
        left = PeerConnection()
    with there.active():
        right = PeerConnection()
    async with left, right:
        left.create_data_channel("chat")
        network.partition([there])  # a firewall that lets nothing through
        for host, one, other in ((here, left, right), (there, right, left)):
            with host.active():
                await one.set_local_description()
                await other.set_remote_description(await one.gathering_complete())
        try:
            await left.connected()
        except ConnectionFailed:
            print(explain(left))


net = SimulatedNetwork()
run_virtual(lambda: main(net), network=net)
