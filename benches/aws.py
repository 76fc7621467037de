#!/usr/bin/env python3
"""An AWS account on moto, collected by Tickmark and judged by Prowler, each as a process of its own, one after the other.

usage: aws.py TICKMARK PYTHON [PROWLER]     (benches/aws.sh calls it)

Prints processor seconds, memory and requests of each. What takes long is moto; so wall time is told beside moto's share of it.
The two do not answer the same: Prowler judges 198 checks of the five services, Tickmark collects fifteen tables and keeps them.
"""
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time

tickmark, python = sys.argv[1:3]
prowler = sys.argv[3] if len(sys.argv) > 3 else None
here = os.path.dirname(os.path.abspath(__file__))
USERS, BUCKETS, GROUPS = 500, 300, 200


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(name, command, server, log, **options):
    requests, served = open(log).read().count("HTTP/1.1"), processor_seconds(server.pid)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, **options)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        said.seek(0)
        text = said.read().decode(errors="replace")
    requests = open(log).read().count("HTTP/1.1") - requests
    served = processor_seconds(server.pid) - served
    seconds = usage.ru_utime + usage.ru_stime
    print(f"{name:10} {seconds:7.1f} s of processor time  {usage.ru_maxrss / 1024:6.0f} MiB  {requests:6} requests  {wall:6.1f} s by the clock, {served:.1f} s of it moto's", flush=True)
    return seconds, text


with tempfile.TemporaryDirectory() as folder:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = os.path.join(folder, "moto.log")
    with open(log, "w") as to:
        server = subprocess.Popen([os.path.join(os.path.dirname(python), "moto_server"), "-H", "127.0.0.1", "-p", str(port)], stdout=to, stderr=to)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        filled = subprocess.run([python, os.path.join(here, "../tests/connectors/aws.py"), url, str(USERS), str(BUCKETS), str(GROUPS)], check=True, capture_output=True)
        truth = json.loads(filled.stdout)
        house = os.path.join(folder, "house")

        def run(*words):
            subprocess.run([tickmark, *words], check=True, capture_output=True)

        run("init", "--dir", house, "--organization", "bench", "--name", "Bench", "--administrator", "A", "--administrator-id", "p-1", "--mail", "a@example.com")
        run("person", "add", "p-2", "--name", "B", "--mail", "b@example.com", "--role", "compliance-lead", "--as", "p-1", "--dir", house)
        day = subprocess.run(["date", "-d", "yesterday", "+%F"], check=True, capture_output=True, text=True).stdout.strip()
        run("engagement", "open", "soc2", "--report", "soc2", "--type2", f"{int(day[:4]) - 1}{day[4:]}", day, "--categories", "security", "--system", "S", "--as", "p-2", "--dir", house)
        for name in ("access_key", "secret_key"):
            path = os.path.join(house, name)
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(truth[name])
        services = "".join(f'service_{name} = "{url}"\n' for name in ("cloudtrail", "ec2", "iam", "kms", "rds", "s3", "s3control", "sts"))
        with open(os.path.join(house, "sources", "aws.toml"), "w") as file:
            file.write(f'kind = "connector"\nid = "aws"\ntitle = "AWS"\nconnector = "aws"\nnetworks = ["127.0.0.0/8"]\n[settings]\naccount = "123456789012"\nregion = "us-east-1"\n{services}'
                       '[secrets]\naccess_key = { file = "access_key" }\nsecret_key = { file = "secret_key" }\n')
        run("source", "approve", "--as", "p-1", "--dir", house)
        ours, said = measured("Tickmark", [tickmark, "collect", "--as", "p-2", "--dir", house, "--last", day], server, log)
        rows = sum(int(found) for found in re.findall(r"^aws .*?  +([0-9]+) +[0-9]* +yes$", said, re.M))
        stored = subprocess.run(["du", "-sk", os.path.join(house, "vault")], check=True, capture_output=True, text=True).stdout.split()[0]
        print(f"           {rows} rows in {said.count(' yes')} extracts, {stored} KiB in the vault")
        if "failed:" in said:
            sys.exit(said)
        if prowler:
            environment = dict(os.environ, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID=truth["access_key"], AWS_SECRET_ACCESS_KEY=truth["secret_key"], AWS_DEFAULT_REGION="us-east-1")
            theirs, _ = measured("Prowler", [prowler, "aws", "--services", "iam", "s3", "ec2", "cloudtrail", "rds", "-f", "us-east-1", "-o", os.path.join(folder, "out"), "--no-banner", "-M", "csv"], server, log, env=environment)
            print(f"Tickmark takes {ours / theirs:.3f} of Prowler's processor time")
    finally:
        server.terminate()
        server.wait()
