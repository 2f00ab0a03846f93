"""An interrupted program ends with one line. Hardly anything is imported here: a slow start begins with it."""

import signal
import sys

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 128 + signal.SIGINT  # the exit status, as a shell reports it


def stop_when_interrupted(words: str) -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP, unless ignored as by nohup, end the program with one line and `SystemExit`."""

    def stop(*_: object) -> None:
        for number in INTERRUPTIONS:
            signal.signal(number, lambda *_: None)  # one is enough; SIG_IGN would complain of those under way
        print(f"\n{sys.argv[0].rpartition('/')[2]}: {words}", file=sys.stderr, flush=True)
        sys.exit(INTERRUPTED)

    for number in INTERRUPTIONS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)
