#!/usr/bin/env python3
"""Measures a command: median wall time, CPU time (with its children) and peak resident memory over several runs.

Usage: measure.py RUNS LABEL COMMAND [ARGUMENT...]
Prints one table row: | label | wall ms | CPU ms | peak MiB |. Output of the command is thrown away; a failing run ends it.
"""
import os
import statistics
import subprocess
import sys
import time


def run(command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)}: exit {os.waitstatus_to_exitcode(status)}\n{error.decode(errors='replace')[-2000:]}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


def main():
    runs, label, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    run(command)  # warm the page cache
    rows = [run(command) for _ in range(runs)]
    wall, cpu, rss = (statistics.median(column) for column in zip(*rows))
    print(f"| {label} | {wall:.0f} | {cpu:.0f} | {rss:.0f} |", flush=True)


main()
