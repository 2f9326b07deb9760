"""Compares several clients: in each round each client has a turn, so that other activity of the machine affects all
of them equally. The results are medians over the rounds."""

import contextlib
import dataclasses
import random
import statistics

from .client import Client


@dataclasses.dataclass(frozen=True)
class Effort:
    """The seconds of a turn, the number of rounds, and how often all clients start again."""

    seconds: float = 0.025
    rounds: int = 5
    restarts: int = 5


@dataclasses.dataclass
class Series:
    """The measurements of one client: microseconds per call in each round; memory in KiB."""

    times: list
    resident: int = 0
    peak: int = 0

    def median(self):
        return statistics.median(self.times)

    def ratio_to(self, other):
        """The median of the ratios of each round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.times, other.times))

    def distance_to(self, other):
        return statistics.median(mine - theirs for mine, theirs in zip(self.times, other.times))

    def spread(self):
        """Half of the interquartile range, relative to the median."""
        if len(self.times) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.times, n=4)
        return (high - low) / 2 / self.median()


def find_count(client, threads, seconds):
    """The number of calls that fill a turn. Also warms the client up."""
    count = 2 * threads
    client.call(count)
    seconds_taken = client.call(count)
    while seconds_taken < seconds / 4:
        count *= 2
        seconds_taken = client.call(count)
    return max(threads, round(count * seconds / seconds_taken))


def take_turns(clients, counts, threads, rounds, series_of):
    """A random order in each round, because a client can affect the next one."""
    for _ in range(rounds):
        for client in random.sample(clients, len(clients)):
            count = counts[client.peer.key]
            seconds_taken = client.call(count)
            # Each thread makes the same number of calls, so the count is rounded up.
            made = -(-count // threads) * threads
            series_of[client.peer.key].times.append(seconds_taken * 1e6 / made)


def compare(chosen, endpoint, effort):
    """Returns a Series for the key of each peer. All clients start several times, because the TCP buffer sizes stay with
    a connection, and for large bodies they make more difference than the clients."""
    series_of = {peer.key: Series([]) for peer in chosen}
    counts = {}
    for _ in range(effort.restarts):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Client(peer, endpoint)) for peer in chosen]
            for client in clients:
                if client.peer.key in counts:
                    client.call(counts[client.peer.key])
                else:
                    counts[client.peer.key] = find_count(client, endpoint.threads, effort.seconds)
            take_turns(clients, counts, endpoint.threads, effort.rounds, series_of)
            for client in clients:
                series = series_of[client.peer.key]
                series.resident, series.peak = client.memory()
    return series_of
