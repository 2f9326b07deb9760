# frozen_string_literal: true

module SAC
  # The server responded with a status of 4xx.
  class ClientError < StatusError; end

  # The server responded with a status of 5xx.
  class ServerError < StatusError; end

  # The statuses with their own class (RFC 9110 section 15.5 and 15.6, RFC 6585). 429 is {RateLimited}.
  STATUS_ERRORS = {
    400 => "BadRequest", 401 => "Unauthorized", 402 => "PaymentRequired", 403 => "Forbidden", 404 => "NotFound",
    405 => "MethodNotAllowed", 406 => "NotAcceptable", 407 => "ProxyAuthenticationRequired", 408 => "RequestTimeout",
    409 => "Conflict", 410 => "Gone", 411 => "LengthRequired", 412 => "PreconditionFailed", 413 => "ContentTooLarge",
    414 => "URITooLong", 415 => "UnsupportedMediaType", 416 => "RangeNotSatisfiable", 417 => "ExpectationFailed",
    421 => "MisdirectedRequest", 422 => "UnprocessableContent", 423 => "Locked", 424 => "FailedDependency",
    425 => "TooEarly", 426 => "UpgradeRequired", 428 => "PreconditionRequired", 431 => "RequestHeaderFieldsTooLarge",
    451 => "UnavailableForLegalReasons", 500 => "InternalServerError", 501 => "NotImplemented", 502 => "BadGateway",
    503 => "ServiceUnavailable", 504 => "GatewayTimeout"
  }.to_h do |status, name|
    [status, const_set(name, Class.new(status < 500 ? ClientError : ServerError))]
  end.freeze

  class StatusError # rubocop:disable Style/Documentation
    # @return [Class] the class of error for a status
    # @api private
    def self.of(status)
      STATUS_ERRORS.fetch(status) { status < 500 ? ClientError : ServerError }
    end
  end
end
