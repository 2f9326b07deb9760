"""Several clients side by side: rounds in which each has its turn, so that whatever else the machine does hits
all of them alike; then medians over the rounds."""

import contextlib
import dataclasses
import random
import statistics

from .client import Client


@dataclasses.dataclass(frozen=True)
class Effort:
    """How long each turn is, how many rounds there are, and how often all clients start afresh."""

    seconds: float = 0.025
    rounds: int = 5
    lives: int = 5


@dataclasses.dataclass
class Course:
    """What one client did: microseconds for a call, in each round; memory in KiB."""

    times: list
    resident: int = 0
    peak: int = 0

    def median(self):
        return statistics.median(self.times)

    def ratio_to(self, other):
        """The median of the ratios, each of two turns of one round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.times, other.times))

    def distance_to(self, other):
        return statistics.median(mine - theirs for mine, theirs in zip(self.times, other.times))

    def spread(self):
        """Half of the middle half of the rounds, as a share of the median."""
        if len(self.times) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.times, n=4)
        return (high - low) / 2 / self.median()


def find_count(client, threads, seconds):
    """The calls that fill a turn; warms the client up, too."""
    count = 2 * threads
    client.call(count)
    took = client.call(count)
    while took < seconds / 4:
        count *= 2
        took = client.call(count)
    return max(threads, round(count * seconds / took))


def take_turns(clients, counts, threads, rounds, courses):
    """In each round in another order: whoever came right behind the same one every time would bear what that
    leaves behind."""
    for _ in range(rounds):
        for client in random.sample(clients, len(clients)):
            count = counts[client.peer.key]
            took = client.call(count)
            # Spread over threads, a count is rounded up for each.
            made = -(-count // threads) * threads
            courses[client.peer.key].times.append(took * 1e6 / made)


def compare(chosen, target, effort):
    """Gives a Course for the key of each peer. All are started afresh several times: how TCP sizes its buffers
    stays with a connection, and for large bodies makes more of a difference than the clients do."""
    courses = {peer.key: Course([]) for peer in chosen}
    counts = {}
    for _ in range(effort.lives):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Client(peer, target)) for peer in chosen]
            for client in clients:
                if client.peer.key in counts:
                    client.call(counts[client.peer.key])
                else:
                    counts[client.peer.key] = find_count(client, target.threads, effort.seconds)
            take_turns(clients, counts, target.threads, effort.rounds, courses)
            for client in clients:
                course = courses[client.peer.key]
                course.resident, course.peak = client.memory()
    return courses
