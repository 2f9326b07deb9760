# frozen_string_literal: true

module SAC
  # For objects that contain secrets, or that make a request when they are read. In logs, JSON and YAML they appear
  # as the text of `inspect`.
  #
  # @api private
  module Redacted
    # @return [String] the text of `inspect`
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
