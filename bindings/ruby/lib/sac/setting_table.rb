# frozen_string_literal: true

# Generated from interface/settings.toml by `make interface`. Do not edit.

module SAC
  class Setting
    # All of them, by their names in Ruby: the end of their names in C, the kind, and the default.
    ALL = {
      timeout: ["timeout_ms", :milliseconds, 30],
      connect_timeout: ["connect_timeout_ms", :milliseconds, 10],
      read_timeout: ["read_timeout_ms", :milliseconds],
      deadline: ["deadline_ms", :milliseconds],
      retries: ["retry_attempts", :number, 0],
      backoff: ["backoff_ms", :span, (0.1..20)],
      retry_statuses: ["retry_statuses", :statuses, [429, 500, 502, 503, 504]],
      retry_after_max: ["retry_after_max_ms", :milliseconds, 120],
      rate_limit: ["rate_limit", :rate],
      max_body_bytes: ["max_body_bytes", :number, 256 << 20],
      redirects: ["redirects", :number, 10],
      user_agent: ["user_agent", :text, "libsac/#{VERSION}"],
      verify: ["verify", :guard, true],
      ca_file: ["ca_file", :path],
      ca_pem: ["ca_pem", :text],
      client_certificate: ["client_certificate", :paths],
      client_certificate_pem: ["client_certificate_pem", :texts],
      min_tls: ["min_tls", :tls_version, "1.2"],
      cookie_jar: ["cookie_jar", :flag, false],
      proxy: ["proxy", :proxy],
      unix_socket: ["unix_socket", :path],
      connection_max_age: ["connection_max_age_ms", :milliseconds, 300],
      keep_alive: ["keep_alive", :guard, true]
    }.transform_values { |row| new(*row) }.freeze

    # Those that a client has.
    OF_CLIENTS = ALL.select { |_, setting| setting.of_clients? }.freeze
    # Those that a single request has.
    OF_REQUESTS = ALL.select { |_, setting| setting.of_requests? }.freeze
  end

  # The settings of clients and calls. Times are in seconds; nil or 0 for none.
  #
  # - `timeout`: the time limit of one attempt, from the DNS lookup to the last byte, redirects included, in
  #   seconds; 30. An endless response, such as a watch, needs 0.
  # - `connect_timeout`: the time limit of DNS lookup, connect and TLS handshake together, in seconds; 10.
  # - `read_timeout`: how long the server may be silent, before its response or within it, in seconds. Each byte
  #   starts the time again. It never extends `timeout`.
  # - `deadline`: the time limit of a whole call, retries and waits included, in seconds. A wait that would exceed
  #   it does not start: the call ends at once with the last response, or with `:timeout`.
  # - `retries`: how many attempts may follow the first one; 0. Only what may be sent twice without harm is
  #   retried: what was never sent, what the server turned away (429, a 403 that is a rate limit, 503 with
  #   `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2, RFC 10008). A request with an idempotency
  #   key counts as idempotent. One repetition does not count and happens at 0 too: if the server has closed a
  #   kept connection before a byte of the response came, a request that was not sent, or is idempotent, is sent
  #   once more on a new connection (RFC 9112 section 9.3.1). A 408 that closes such a connection counts as that.
  #   While a delay that the server has named lasts, other calls of this client and its clones to the same path
  #   wait for its end too, within their deadline; calls without retries do not. 0 disables retries.
  # - `backoff`: how long to wait before a retry if the server names no delay: a random part of a span that starts
  #   at `base` and doubles up to `max`, a range of seconds; (0.1..20). After a 429 or 503 the span starts at one
  #   second, if `base` is not longer, and at least half of it is waited.
  # - `retry_statuses`: the statuses that are worth another attempt; [429, 500, 502, 503, 504]. 429 includes a 403
  #   that is a rate limit: one with `Retry-After`, or with `x-ratelimit-remaining: 0`.
  # - `retry_after_max`: the longest delay named by a server (`Retry-After` and its relatives) that is waited for,
  #   in seconds; 120. If the delay is longer, the call ends at once with that response, and no other call waits
  #   for it. A delay of more than ten years counts as a mistake of the server, as if it had named none. For a
  #   client alone.
  # - `rate_limit`: the limit on the requests of this client and all its clones together, `requests:`, `per:` in
  #   seconds and `burst:`, which is 1 if left out. Calls wait for their turn. A call whose wait would exceed its
  #   deadline ends with `:rate_limited`. Processes that are forked afterwards share the limit with their parent
  #   and with each other. A process that sets another limit has its own from then on; setting the same one again
  #   changes nothing. For a client alone.
  # - `max_body_bytes`: the largest body that is accepted, in bytes; 256 << 20. A larger one ends the call with
  #   `:too_large`; so does one that does not fit into memory. A body that goes to a file or a callback has no
  #   limit by default, but a compressed one may become at most 256 MiB, or 1000 times the bytes that came if that
  #   is more. 0 disables the limit.
  # - `redirects`: how many redirects are followed; 10. One more ends the call with `:redirect`. Another origin
  #   (scheme, host or port) gets no credentials, no client certificate, no cookies that the program has set, and
  #   no header field but a list of harmless ones. A 307 or 308 sends it the body (RFC 9110 section 15.4); 0
  #   refuses that. 0 returns the 3xx itself.
  # - `user_agent`: the value of the `User-Agent` field. For a client alone.
  # - `verify`: whether the certificate of the server is verified (RFC 5280, RFC 9525); true. false accepts any
  #   certificate, and with it anyone between you and the server.
  # - `ca_file`: the certificate authorities that are trusted, in place of those of the system, from a file. For a
  #   client alone.
  # - `ca_pem`: the certificate authorities that are trusted, in place of those of the system, from memory. The
  #   certificate of a server may be given itself, self-signed or not: it is trusted for the names that it bears.
  #   For a client alone.
  # - `client_certificate`: the certificate that is shown to servers that ask for one, and its private key, from
  #   files, two paths. On a redirect to another origin the certificate stays behind, for the rest of the call.
  #   For a client alone.
  # - `client_certificate_pem`: the certificate that is shown to servers that ask for one, and its private key,
  #   from memory, two PEM texts. For a client alone.
  # - `min_tls`: the oldest TLS version that is accepted, `"1.2"` or `"1.3"`; "1.2". For a client alone.
  # - `cookie_jar`: whether the cookies that servers set are kept and sent back to them (RFC 6265bis); false. They
  #   belong to the scope: a clone starts with its own copy, and a reset empties it. A cookie that the program has
  #   added goes before one of the same name, and a request with its own `Cookie` field gets none. No cookie is
  #   taken for a public suffix such as `com` or `co.uk`, by the list of publicsuffix.org as it was when the
  #   library was built. false also forgets those that are kept. For a client alone.
  # - `proxy`: the proxy that requests go through, a URL; false for none, nil for what the environment says. The
  #   environment is read when the client is created: `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy`
  #   with names, suffixes, addresses and networks (CIDR), each also in capitals. `HTTP_PROXY` counts for nothing
  #   in a CGI process, and the environment for nothing in a set-user-ID program. If a proxy that the environment
  #   names cannot be used, each call that it is for ends with `:proxy`. For a client alone.
  # - `unix_socket`: the Unix domain socket that all connections go to, as local services such as Docker have one,
  #   a path; nil for none. The base URL still gives `Host` and base path. Proxies are not used, and redirects
  #   stay on the socket. For a client alone.
  # - `connection_max_age`: how old a connection may become before it is not used for another request, in seconds;
  #   300. The next request opens a new connection, looks the host name up again, and so finds a server that has
  #   moved. A request that is under way is not cut off. A random part of a tenth is added for each connection, so
  #   that connections that were opened together are not closed together. For a client alone.
  # - `keep_alive`: whether other requests may use the connection of this one; true. false opens a new connection,
  #   sends `Connection: close` (RFC 9112 section 9.6) and closes the connection after the response, for each
  #   attempt and each redirect. For a call alone.
  SETTINGS = Setting::ALL.keys.freeze
end
