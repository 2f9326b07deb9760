# frozen_string_literal: true

module SAC
  # What holds secrets, or would make a request if it were read: in logs, JSON and YAML there is what `inspect`
  # shows, whoever asks.
  #
  # @api private
  module Opaque
    # @return [String] what `inspect` shows
    def as_json(*)
      inspect
    end

    # @return [String] a JSON string
    def to_json(*)
      JSON.generate(inspect)
    end

    # For `to_yaml`.
    def encode_with(coder)
      coder.represent_scalar(nil, inspect)
    end
  end
end
