# frozen_string_literal: true

# Generated from interface/settings.toml by `make interface`. Do not edit.

module SAC
  class Setting
    # All settings by their names in Ruby: the end of the name in C, the kind, and the default.
    ALL = {
      timeout: ["timeout_ms", :milliseconds, 30],
      connect_timeout: ["connect_timeout_ms", :milliseconds, 10],
      read_timeout: ["read_timeout_ms", :milliseconds],
      deadline: ["deadline_ms", :milliseconds],
      retries: ["retry_attempts", :number, 0],
      backoff: ["backoff_ms", :span, (0.1..20)],
      retry_statuses: ["retry_statuses", :statuses, [429, 500, 502, 503, 504]],
      retry_after_max: ["retry_after_max_ms", :milliseconds, 120],
      retry_budget: ["retry_budget", :number, 500],
      rate_limit: ["rate_limit", :rate],
      max_body_bytes: ["max_body_bytes", :number, 256 << 20],
      redirects: ["redirects", :number, 10],
      user_agent: ["user_agent", :text, "libsac/#{VERSION}"],
      verify: ["verify", :guard, true],
      ca_file: ["ca_file", :path],
      ca_pem: ["ca_pem", :text],
      client_certificate_password: ["client_certificate_password", :text],
      client_certificate: ["client_certificate", :paths],
      client_certificate_pem: ["client_certificate_pem", :texts],
      pinned_keys: ["pinned_keys", :text],
      min_tls: ["min_tls", :tls_version, "1.2"],
      cookie_jar: ["cookie_jar", :flag, false],
      proxy: ["proxy", :proxy],
      unix_socket: ["unix_socket", :path],
      connection_max_age: ["connection_max_age_ms", :milliseconds, 300],
      keep_alive: ["keep_alive", :guard, true]
    }.transform_values { |row| new(*row) }.freeze

    # The settings of a client.
    OF_CLIENTS = ALL.select { |_, setting| setting.for_clients? }.freeze
    # The settings of a single request.
    OF_REQUESTS = ALL.select { |_, setting| setting.for_requests? }.freeze
  end

  # The settings of clients and calls. Times are in seconds; nil or 0 means none.
  #
  # - `timeout`: the time limit of one attempt, from the DNS lookup to the last byte, with redirects, in seconds;
  #   30. An endless response, such as a watch, needs 0.
  # - `connect_timeout`: the time limit of DNS lookup, connect and TLS handshake together, in seconds; 10.
  # - `read_timeout`: the longest time without data from the server, before or within its response, in seconds.
  #   Each byte restarts the time. It never extends `timeout`.
  # - `deadline`: the time limit of a whole call, with retries and waits, in seconds. If a wait would exceed it,
  #   the call ends at once with the last response, or with `:timeout`.
  # - `retries`: the largest number of attempts after the first one; 0. Only requests that are safe to send twice
  #   are retried: requests that were never sent, requests that the server refused (429, a 403 that is a rate
  #   limit, 503 with `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2, RFC 10008). A request with
  #   an idempotency key counts as idempotent. One repetition does not count and also happens at 0. If the server
  #   closes a kept connection before the first byte of the response, the request is sent once more on a new
  #   connection, if it was not sent or is idempotent (RFC 9112 section 9.3.1). A 408 that closes such a
  #   connection has the same effect. If the server asks for a delay, other calls of this client and its clones to
  #   the same path also wait, within their deadline. Calls without retries do not wait. 0 disables retries.
  # - `backoff`: the wait before a retry if the server asks for no delay: a random part of a limit that starts at
  #   `base` and doubles up to `max`, a range of seconds; (0.1..20). After a 429 or 503 the limit starts at one
  #   second, or at `base` if that is longer, and the wait is at least half of it.
  # - `retry_statuses`: the statuses that allow another attempt; [429, 500, 502, 503, 504]. 429 includes a 403
  #   that is a rate limit: one with `Retry-After`, or with `x-ratelimit-remaining: 0`.
  # - `retry_after_max`: the longest delay from a server (`Retry-After` and similar fields) that a call waits for,
  #   in seconds; 120. If the delay is longer, the call ends at once with that response, and no other call waits.
  #   A delay of more than ten years is ignored. Only for a client.
  # - `retry_budget`: the budget for the retries of this client and all its clones together, which protects a
  #   server that fails; 500. A retry takes 14 tokens, or 5 if the server limits the rate. A call that needs no
  #   retry gives one token back, and a retry that succeeds gives back what it has taken. A status below 500 that
  #   is no rate limit counts as a success. Without enough tokens, a call ends with its last response or error. 0
  #   allows every retry. Only for a client.
  # - `rate_limit`: the limit on the requests of this client and all its clones together, `requests:`, `per:` in
  #   seconds and `burst:`, which is 1 by default. Calls wait for their turn. A call whose wait would exceed its
  #   deadline ends with `:rate_limited`. Processes that are forked later share the limit with their parent and
  #   with each other. If a process sets a different limit, it has its own from then on. If it sets the same limit
  #   again, nothing changes. Only for a client.
  # - `max_body_bytes`: the largest body that is accepted, in bytes; 256 << 20. A body that is larger, or does not
  #   fit into memory, ends the call with `:too_large`. A body to a file or a callback has no limit by default,
  #   but a compressed one may expand to at most 256 MiB, or 1000 times the received bytes if that is more. 0
  #   disables the limit.
  # - `redirects`: the largest number of redirects that a call follows; 10. More redirects end the call with
  #   `:redirect`. Another origin (scheme, host or port) gets no credentials, no client certificate, no cookies
  #   that the program set, and only harmless header fields. A 307 or 308 sends it the body (RFC 9110 section
  #   15.4); 0 prevents that. 0 returns the 3xx itself.
  # - `user_agent`: the value of the `User-Agent` field. Only for a client.
  # - `verify`: whether the certificate of the server is verified (RFC 5280, RFC 9525); true. false accepts any
  #   certificate, so anyone on the network path can read and change everything.
  # - `ca_file`: the trusted certificate authorities from a file, instead of those of the system. The file is
  #   examined before each TLS handshake, and read again if it has changed. If it is then not usable, the last
  #   authorities stay, and the log says why. Kept connections are not affected. Only for a client.
  # - `ca_pem`: the trusted certificate authorities from memory, instead of those of the system. You may also give
  #   the server's own certificate, self-signed or not. It is then trusted for the names in it. Only for a client.
  # - `client_certificate_password`: the password for an encrypted key (PKCS #8, RFC 5958) of a client certificate
  #   that is set afterwards, nil for none. The encryption is PBES2 with AES, by PBKDF2 with SHA-2 or by scrypt
  #   (RFC 8018, RFC 7914), as OpenSSL 1.1 and later write it. Other keys are refused;
  #   `openssl pkcs8 -topk8 -v2 aes-256-cbc` converts them. No log line and no error text contains the password.
  #   Only for a client.
  # - `client_certificate`: the certificate for servers that request one, and its private key, from files, two
  #   paths. After a redirect to another origin, the certificate is not used for the rest of the call. Both files
  #   are examined before each TLS handshake, and read again if one has changed. If they are then not usable, for
  #   example because the new key is not there yet, the last pair stays, and the log says why. Kept connections
  #   keep the certificate of their handshake. Only for a client.
  # - `client_certificate_pem`: the certificate for servers that request one, and its private key, from memory,
  #   two PEM texts. Only for a client.
  # - `pinned_keys`: the public keys that a server may have, in addition to the verification of its certificate,
  #   nil for none. A call to a server with another key ends with `:tls`, and the error names the key that was
  #   found. This applies to https, also after a redirect; a redirect to http is refused. Through a proxy, it
  #   applies to the server, not to the proxy. It also applies to a token server (OAuth 2.0). Only for a client.
  # - `min_tls`: the oldest TLS version that is accepted, `"1.2"` or `"1.3"`; "1.2". Only for a client.
  # - `cookie_jar`: whether the client keeps cookies from servers and sends them back (RFC 6265bis); false. The
  #   cookies belong to the scope: a clone starts with a copy, and a reset deletes them. A cookie that the program
  #   added takes precedence over a kept one of the same name, and a request with its own `Cookie` field gets
  #   none. Cookies for a public suffix such as `com` or `co.uk` are refused. The list is that of publicsuffix.org
  #   from the time when the library was built. false also deletes the kept cookies. Only for a client.
  # - `proxy`: the proxy for all requests, a URL; false for none, nil for the proxy from the environment. By
  #   default, the environment is read when the client is created: `http_proxy`, `https_proxy`, `all_proxy`, and
  #   `no_proxy` with names, suffixes, addresses and networks (CIDR), each also in capitals. A CGI process ignores
  #   `HTTP_PROXY`, and a set-user-ID program ignores all of them. If a proxy from the environment is not usable,
  #   each call that needs it ends with `:proxy`. Only for a client.
  # - `unix_socket`: the Unix domain socket for all connections, for local services such as Docker, a path; nil
  #   for none. The base URL still sets `Host` and the base path. No proxy is used, and redirects use the same
  #   socket. Only for a client.
  # - `connection_max_age`: the age from which a connection is not used for another request, in seconds; 300. The
  #   next request opens a new connection and looks the host name up again, so it finds a server that has moved. A
  #   running request is not interrupted. A random part of a tenth is added to the age for each connection, so
  #   that connections that were opened together do not close together. Only for a client.
  # - `keep_alive`: whether other requests may use the connection of this request; true. false opens a new
  #   connection, sends `Connection: close` (RFC 9112 section 9.6) and closes the connection after the response,
  #   for each attempt and each redirect. Only for a call.
  SETTINGS = Setting::ALL.keys.freeze
end
