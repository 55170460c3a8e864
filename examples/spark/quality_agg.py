#!/usr/bin/env python3
"""quality_agg.py [--lines] [--print=OPTIONS] LOG[,LOG...] [OPTION...] - quality-agg over sharded logs by Spark.

Each partition goes through quality-agg --state-out - (rdd.pipe), the states through quality-agg --merge, first in
groups on the executors, then here: the bytes of one process.  OPTIONs say what to keep (--by, --every, --where ...),
--print what to print (--print='--detail --top 5').

LOGs are files that every executor can read, or patterns of such; each is a partition.  With --lines they are whatever
Spark's textFile reads (object stores, compressed files) and lines go through Spark, which is much slower and turns
what is no UTF-8 into U+FFFD before it can be refused.

quality-agg must be in the PATH of every executor.  Exit status: that of quality-agg --merge, or 2 if the job
failed.
"""
import argparse
import glob
import os
import shlex
import subprocess
import sys

from pyspark.sql import SparkSession

STATES_A_MERGE = 16
ENV = {"PATH": os.environ["PATH"]}  # pipe gives none


def shell(command):
    # Refused lines, and partitions without lines, end with 1: no failure, the merge knows of them.
    return "sh -c " + shlex.quote(command + " || [ $? -eq 1 ]")


def states_of(context, own, aggregate):
    if own.lines:
        states = context.textFile(own.logs).pipe(shell(aggregate), env=ENV, checkCode=True)
    else:
        logs = sorted(log for pattern in own.logs.split(",") for log in glob.glob(pattern))
        if not logs:
            raise FileNotFoundError("no such log")
        states = context.parallelize(logs, len(logs)).pipe(
            shell('while IFS= read -r log; do %s -- "$log" || [ $? -eq 1 ] || exit 2; done' % aggregate),
            env=ENV, checkCode=True)
    parts = states.getNumPartitions()
    if parts <= STATES_A_MERGE:
        return states
    # coalesce puts whole partitions one behind the other: states stay whole.
    return states.coalesce(-(-parts // STATES_A_MERGE)).pipe(
        shell("quality-agg --merge --state-out -"), env=ENV, checkCode=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--lines", action="store_true")
    parser.add_argument("--print", default="")
    parser.add_argument("logs")
    own, options = parser.parse_known_args()
    aggregate = "quality-agg -j 1 --state-out - " + shlex.join(options)

    context = SparkSession.builder.appName("quality-agg").getOrCreate().sparkContext
    try:
        text = "".join(line + "\n" for line in states_of(context, own, aggregate).collect())
    except Exception as error:  # whatever it was, there is no result
        sys.stderr.write("quality_agg.py: %s\n" % str(error).split("\n", 1)[0])
        sys.exit(2)
    merge = ["quality-agg", "--merge"] + shlex.split(getattr(own, "print"))
    sys.exit(subprocess.run(merge, input=text.encode(), check=False).returncode)


main()
