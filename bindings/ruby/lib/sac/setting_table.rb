# frozen_string_literal: true

# Generated from interface/settings.toml by `make interface`. Do not edit.

module SAC
  class Setting
    # All settings, by their names in Ruby. Times are in seconds; nil or 0 for none.
    #
    # - `timeout`: the time limit of one attempt, from the DNS lookup to the last byte, redirects included, in
    #   seconds; 30.
    # - `connect_timeout`: the time limit of DNS lookup, connect and TLS handshake together, in seconds; 10.
    # - `read_timeout`: how long the server may be silent, before its response or within it, in seconds.
    # - `deadline`: the time limit of a whole call, retries and waits included, in seconds.
    # - `retries`: how many attempts may follow the first one; 0.
    # - `backoff`: how long to wait before a retry if the server names no delay: a random part of a span that starts
    #   at `base` and doubles up to `max`, a range of seconds; (0.1..20).
    # - `retry_statuses`: the statuses that are worth another attempt; [429, 500, 502, 503, 504].
    # - `retry_after_max`: the longest delay named by a server (`Retry-After` and its relatives) that is waited for,
    #   in seconds; 120. For a client alone.
    # - `rate_limit`: the limit on the requests of this client and all its clones together, `requests:`, `per:` in
    #   seconds and `burst:`, which is 1 if left out. For a client alone.
    # - `max_body_bytes`: the largest body that is accepted, in bytes; 256 << 20.
    # - `redirects`: how many redirects are followed; 10.
    # - `user_agent`: the value of the `User-Agent` field. For a client alone.
    # - `verify`: whether the certificate of the server is verified (RFC 5280, RFC 9525); true.
    # - `ca_file`: the certificate authorities that are trusted, in place of those of the system, from a file. For a
    #   client alone.
    # - `ca_pem`: the certificate authorities that are trusted, in place of those of the system, from memory. For a
    #   client alone.
    # - `client_certificate`: the certificate that is shown to servers that ask for one, and its private key, from
    #   files, two paths. For a client alone.
    # - `client_certificate_pem`: the certificate that is shown to servers that ask for one, and its private key,
    #   from memory, two PEM texts. For a client alone.
    # - `min_tls`: the oldest TLS version that is accepted, `"1.2"` or `"1.3"`; "1.2". For a client alone.
    # - `cookie_jar`: whether the cookies that servers set are kept and sent back to them (RFC 6265bis); false. For
    #   a client alone.
    # - `proxy`: the proxy that requests go through, a URL; false for none, nil for what the environment says. For a
    #   client alone.
    # - `unix_socket`: the Unix domain socket that all connections go to, as local services such as Docker have one,
    #   a path; nil for none. For a client alone.
    # - `connection_max_age`: how old a connection may become before it is not used for another request, in seconds;
    #   300. For a client alone.
    # - `keep_alive`: whether other requests may use the connection of this one; true. For a call alone.
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
end
