# frozen_string_literal: true

# Generated from include/sac.h by tool/generate. Do not edit.
module SAC
  # The codes by their numbers.
  CODES = {
    0 => :ok,
    1 => :null_argument,
    2 => :invalid_utf8,
    3 => :invalid_url,
    4 => :invalid_path,
    5 => :invalid_method,
    6 => :invalid_header,
    7 => :invalid_cookie,
    8 => :invalid_json,
    9 => :invalid_argument,
    10 => :file,
    11 => :certificate,
    12 => :signature,
    20 => :resolve,
    21 => :connect,
    22 => :tls,
    23 => :proxy,
    24 => :timeout,
    25 => :closed,
    26 => :protocol,
    27 => :redirect,
    28 => :too_large,
    29 => :token,
    40 => :status,
    41 => :rate_limited,
    42 => :not_json,
    60 => :cancelled,
    61 => :internal
  }.freeze

  # How a response's JSON relates to its body.
  JSON_STATES = {
    0 => :none,
    1 => :exact,
    2 => :repaired
  }.freeze

  # The types of JSON values.
  JSON_TYPES = {
    0 => :missing,
    1 => :null,
    2 => :bool,
    3 => :number,
    4 => :string,
    5 => :array,
    6 => :object
  }.freeze

  # The digests of signed cookies.
  DIGESTS = {
    sha1: 1,
    sha256: 2,
    sha512: 3
  }.freeze

  # The schemes by which senders sign webhooks.
  WEBHOOK_SCHEMES = {
    standard: 1,
    stripe: 2,
    github: 3,
    shopify: 4,
    slack: 5
  }.freeze

  # The levels of log messages, the most urgent first.
  LOG_LEVELS = {
    error: 1,
    warn: 2,
    info: 3,
    debug: 4,
    trace: 5
  }.freeze

  # The versions of TLS that may be the oldest accepted.
  TLS_VERSIONS = {
    "1.2" => 12,
    "1.3" => 13
  }.freeze

  # How a stream splits a body into records; `auto` is by its media type.
  RECORDS = {
    auto: 0,
    events: 1,
    lines: 2,
    array: 3
  }.freeze

  # A required pointer is NULL.
  class NullArgument < InputError; end

  # A string is not valid UTF-8.
  class InvalidUTF8 < InputError; end

  # A URL cannot be used: not http or https, no host, or a part that is not allowed there.
  class InvalidURL < InputError; end

  # A path does not start with `/`, or contains a character that is not allowed.
  class InvalidPath < InputError; end

  # A method is not a token (RFC 9110 section 9.1), or a client cannot send it.
  class InvalidMethod < InputError; end

  # A header field name or value is not allowed (RFC 9110 section 5), or the field frames the message.
  class InvalidHeader < InputError; end

  # A cookie name or value is not allowed (RFC 6265 section 4.1.1), or a signature is not valid.
  class InvalidCookie < InputError; end

  # A JSON text from the caller is not well-formed (RFC 8259).
  class InvalidJSON < InputError; end

  # A value is out of range, or options exclude each other.
  class InvalidArgument < InputError; end

  # A local file cannot be read or written.
  class FileError < InputError; end

  # A certificate or key is not usable PEM.
  class CertificateError < InputError; end

  # The signature of a webhook does not verify, or the webhook is too old.
  class SignatureError < InputError; end

  # The host name has no address.
  class ResolveError < NetworkError; end

  # The connection to the server failed.
  class ConnectError < NetworkError; end

  # The TLS handshake or the verification of the certificate failed.
  class TLSError < NetworkError; end

  # The proxy refused the request, or does not speak the protocol.
  class ProxyError < NetworkError; end

  # A time limit was exceeded.
  class Timeout < NetworkError; end

  # The connection closed before the response was complete.
  class Closed < NetworkError; end

  # The response is not valid HTTP.
  class ProtocolError < NetworkError; end

  # Too many redirects, or a redirect that the library refuses.
  class RedirectError < NetworkError; end

  # The body is larger than allowed.
  class TooLarge < NetworkError; end

  # No access token could be obtained. The request was not sent, or the server has refused the token that it had.
  class TokenError < NetworkError; end

  # The server responded with a status of 400 or above.
  class StatusError < AnswerError; end

  # Too many requests: the server said so (429 or 403), or the wait for a rate limit would exceed the deadline.
  class RateLimited < AnswerError; end

  # The caller asked for JSON and the status is 2xx, but the body contains no JSON.
  class NotJSON < AnswerError; end

  # The caller cancelled the call.
  class Cancelled < ControlError; end

  # A bug in the library.
  class InternalError < ControlError; end

  # The class of error that stands for each code.
  ERRORS = {
    null_argument: NullArgument,
    invalid_utf8: InvalidUTF8,
    invalid_url: InvalidURL,
    invalid_path: InvalidPath,
    invalid_method: InvalidMethod,
    invalid_header: InvalidHeader,
    invalid_cookie: InvalidCookie,
    invalid_json: InvalidJSON,
    invalid_argument: InvalidArgument,
    file: FileError,
    certificate: CertificateError,
    signature: SignatureError,
    resolve: ResolveError,
    connect: ConnectError,
    tls: TLSError,
    proxy: ProxyError,
    timeout: Timeout,
    closed: Closed,
    protocol: ProtocolError,
    redirect: RedirectError,
    too_large: TooLarge,
    token: TokenError,
    status: StatusError,
    rate_limited: RateLimited,
    not_json: NotJSON,
    cancelled: Cancelled,
    internal: InternalError
  }.freeze
end
