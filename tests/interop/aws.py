"""Checks AWS Signature Version 4 against botocore and moto: usage: aws.py PATH_OF_CLIENT

`scripts/run test-interop` starts it, in the environment with the packages. moto plays S3, DynamoDB and STS and
verifies each signature and each permission, as AWS does. botocore signs what the library has sent.
"""

import http.server
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timezone
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qsl, quote, unquote_to_bytes

# The requests before the first key exists: a user, its policy, its key, a role and its policy.
UNSIGNED_REQUESTS = 5
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(UNSIGNED_REQUESTS)

import boto3
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from checks import Checks, expect
from moto.server import ThreadedMotoServer

REGION, ACCOUNT = "us-east-1", "123456789012"
KEY_ID, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzE==/+token"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ada"}}]}
# As a program passes them to the library: in a path, these are sent as they are, or percent-encoded.
KEYS = ["plain.txt", "with space", "a+b=c&d", "100%25", "gr%C3%BCn", "日本/語", "a//b", "/leading", "dots/../kept%2E", "(1)*'!",
        "tilde~_-.", "@:$,;", "[x]{y}|z^"]
QUERIES = ["", "list-type=2&prefix=a/b", "b=2&a=1&a=0", "acl", "x=1%202&y=%2B", "ü=ä&empty=", "A=1&a=1&%C3%9F=1", "k=a=b"]


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps the requests that it receives."""

    received = []
    protocol_version = "HTTP/1.1"

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        # `self.path` would have only one slash at its beginning.
        target = self.requestline.split(" ")[1]
        self.received.append((self.command, target, dict(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_PUT = do_POST = do_DELETE = respond

    def log_message(self, *_):
        """Logs nothing."""


class Client:
    """The C program, with credentials."""

    def __init__(self, program, url, key_id=KEY_ID, secret=SECRET, token=""):
        self.program, self.url, self.credentials = program, url, (key_id, secret, token)

    def send(self, service, method, path, body=None, kind="memory", fields=None):
        """The code, the status and the body of the response."""
        listed = [text for pair in (fields or {}).items() for text in pair]
        arguments = [self.url, REGION, service, *self.credentials, method, path, kind if body is not None else "none", *listed]
        run = subprocess.run([self.program, *arguments], input=body or b"", capture_output=True, timeout=60, check=False)
        expect(run.returncode == 0, f"the client ended with {run.returncode}: {run.stderr}")
        code, status, content = run.stdout.split(b"\n", 2)
        return code.decode(), int(status), content

    def succeed(self, *arguments, **options):
        code, status, content = self.send(*arguments, **options)
        expect(code == "SAC_OK", f"{arguments[:3]}: {code} {status} {content[:500]}")
        return content


def signature_of_botocore(service, request, token):
    """The Authorization that botocore computes for a received request."""
    method, target, fields, body = request
    path, _, query = target.partition("?")
    if service == "s3":
        # A server decodes the path, and encodes it as botocore does.
        path = quote(unquote_to_bytes(path), safe="/~")
    signed = fields["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: value for name, value in fields.items() if name.lower() in signed}
    parameters = parse_qsl(query, keep_blank_values=True)
    aws = AWSRequest(method=method, url=f"http://{fields['host']}{path}", params=parameters, data=body, headers=headers)
    signer = {"s3": botocore.auth.S3SigV4Auth}.get(service, botocore.auth.SigV4Auth)
    signer = signer(Credentials(KEY_ID, SECRET, token or None), service, REGION)
    # Over http, the body is signed too.
    time = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", lambda **_: time.replace(tzinfo=None)):
        signer.add_auth(aws)
    return aws.headers["Authorization"], aws.headers


def check_with_botocore(program, service, token):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(program, f"http://127.0.0.1:{server.server_port}", token=token)
    Recorder.received.clear()
    requests = [("GET", f"/{key}", None) for key in KEYS]
    requests += [("GET", f"/items?{query}", None) for query in QUERIES]
    requests += [("PUT", "/items", b"the \x00 body \xff"), ("POST", "/", b""), ("DELETE", "/a%20b?versionId=1", None)]
    for method, path, body in requests:
        fields = {"Content-Type": "text/plain;  charset=utf-8", "X-Amz-Meta-Spaces": "a   b", "X-Amz-Acl": "private"}
        client.succeed(service, method, path, body, fields=fields)
    server.shutdown()
    expect(len(Recorder.received) == len(requests), f"{len(Recorder.received)} requests were received")
    for request in Recorder.received:
        request = (request[0], request[1], {name.lower(): value for name, value in request[2].items()}, request[3])
        expected, headers = signature_of_botocore(service, request, token)
        actual = request[2]["authorization"]
        expect(actual == expected, f"{request[0]} {request[1]}\nlibsac:   {actual}\nbotocore: {expected}")
        if service == "s3":
            ours, theirs = request[2]["x-amz-content-sha256"], headers["X-Amz-Content-SHA256"]
            expect(ours == theirs, f"the hash is {ours}, that of botocore {theirs}")
    return f"{len(requests)} requests"


class Account:
    """moto with a user, its key, and temporary credentials."""

    def __init__(self, url):
        self.url = url
        iam = boto3.client("iam", region_name=REGION, endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="x")
        iam.create_user(UserName="ada")
        iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=json.dumps(ALL))
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=json.dumps(ALL))
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        self.key = key["AccessKeyId"], key["SecretAccessKey"], ""
        sts = boto3.client("sts", region_name=REGION, endpoint_url=url, aws_access_key_id=self.key[0],
                           aws_secret_access_key=self.key[1])
        temporary = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="check")["Credentials"]
        self.temporary = temporary["AccessKeyId"], temporary["SecretAccessKey"], temporary["SessionToken"]


def check_refused(program, account):
    """moto does verify: another secret is refused."""
    key_id, secret, token = account.key
    client = Client(program, account.url, key_id, secret[:-1] + ("a" if secret[-1] != "a" else "b"), token)
    code, status, content = client.send("s3", "GET", "/")
    expect((code, status) == ("SAC_ERR_STATUS", 403) and b"SignatureDoesNotMatch" in content, f"{code} {status} {content}")


def check_s3(program, account, credentials):
    client = Client(program, account.url, *credentials)
    client.succeed("s3", "PUT", "/bucket")
    for number, key in enumerate(KEYS):
        content = f"the content of object {number}".encode() * (number * 1000 + 1)
        kind = ("memory", "file", "stream")[number % 3]
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            client.succeed("s3", "PUT", f"/bucket/{key}", content, kind=f"file:{file.name}" if kind == "file" else kind)
        received = client.succeed("s3", "GET", f"/bucket/{key}")
        expect(received == content, f"{key!r}: {len(received)} bytes instead of {len(content)}")
    listed = client.succeed("s3", "GET", "/bucket?list-type=2&prefix=with%20sp&max-keys=2")
    expect(b"<Key>with space</Key>" in listed, listed)
    return f"{len(KEYS)} objects"


def check_dynamodb(program, account, credentials):
    client = Client(program, account.url, *credentials)

    def call(action, **members):
        fields = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{action}"}
        return json.loads(client.succeed("dynamodb", "POST", "/", json.dumps(members).encode(), fields=fields))

    table = f"items-{credentials[0]}"
    call("CreateTable", TableName=table, BillingMode="PAY_PER_REQUEST",
         KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
         AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    item = {"id": {"S": "grün"}, "n": {"N": "7"}}
    call("PutItem", TableName=table, Item=item)
    found = call("GetItem", TableName=table, Key={"id": {"S": "grün"}})
    expect(found["Item"] == item, found)


def check_sts(program, account, credentials):
    client = Client(program, account.url, *credentials)
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    fields = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    received = client.succeed("sts", "POST", "/", body, fields=fields)
    expect(b":user/ada<" in received or b":assumed-role/reader/" in received, received)


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    program = Path(sys.argv[1])
    checks = Checks()
    for service in ("s3", "execute-api"):
        for token in ("", TOKEN):
            name = f"{service}{', with a session token' if token else ''}: the signatures of botocore"
            checks.check(name, check_with_botocore, program, service, token)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    account = Account("http://{}:{}".format(*moto.get_host_and_port()))
    checks.check("moto refuses a wrong signature", check_refused, program, account)
    for kind, credentials in (("a key", account.key), ("temporary credentials", account.temporary)):
        for service, check in (("S3", check_s3), ("DynamoDB", check_dynamodb), ("STS", check_sts)):
            checks.check(f"{service} of moto, with {kind}", check, program, account, credentials)
    moto.stop()
    print(checks.summary())
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
