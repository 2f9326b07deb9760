# frozen_string_literal: true

module SAC
  # A setting of clients, of requests, or of both: its functions in C, and how a value is converted to their
  # arguments. Times are in seconds; nil for none.
  #
  # @api private
  class Setting
    # Converts values to arguments.
    module Converters
      # The maximum of milliseconds, bytes and retries.
      MAX_UINT64 = (2**64) - 1
      private_constant :MAX_UINT64

      class << self
        # Rounded up, because 0 means no limit.
        def milliseconds(seconds)
          return [0] if seconds.nil?
          raise ArgumentError, "a time must be a number of seconds: #{seconds.inspect}" unless number?(seconds)

          [seconds.to_f.infinite? ? 0 : (seconds * 1000).ceil.clamp(0, MAX_UINT64)]
        end

        def number(value)
          number = Integer(value || 0, exception: false)
          unless number&.between?(0, MAX_UINT64)
            raise ArgumentError,
                  "a number must be an integer of at least 0: #{value.inspect}"
          end

          [number]
        end

        def flag(value)
          [value ? true : false]
        end

        # Only false turns off a protection: nil may be a missing line of a configuration.
        def guard(value)
          [value != false]
        end

        # Nil may be a missing token or password; the call must not use other credentials instead.
        def credentials(name, value)
          return value unless value.nil?

          raise ArgumentError, "#{name} is nil; omit it to use the client's credentials, or pass false for none"
        end

        def text(value)
          [Text.utf8(value)]
        end

        def texts(values)
          pair(values).map { |value| Text.utf8(value) }
        end

        def path(value)
          [Text.path(value)]
        end

        def paths(values)
          pair(values).map { |value| Text.path(value) }
        end

        # False for none, nil for the proxy of the environment.
        def proxy(url)
          [url == false ? "" : Text.utf8(url)]
        end

        # The first and the longest time, as a range or a pair of seconds.
        def span(value)
          first, last = value.is_a?(Range) ? [value.begin, value.end] : value
          milliseconds(first) + milliseconds(last)
        end

        def statuses(list)
          list = Array(list)
          array = FFI::MemoryPointer.new(:uint16, [list.size, 1].max)
          array.write_array_of_uint16(list.map { |status| Integer(status) })
          [array, list.size]
        end

        def rate(limit)
          return [0, 0, 0] if limit.nil?

          limit = { burst: 1, **limit }
          [Integer(limit.fetch(:requests)), *milliseconds(limit.fetch(:per)), Integer(limit[:burst])]
        end

        def tls_version(version)
          [TLS_VERSIONS.fetch(version.to_s) { raise Error.for(:invalid_argument, "no such version of TLS: #{version}") }]
        end

        private

        def pair(values)
          values.is_a?(Array) && values.size == 2 ? values : raise(ArgumentError, "an array of two values is required")
        end

        def number?(value)
          (value.is_a?(Numeric) || value.respond_to?(:to_f)) && !value.is_a?(String) && value >= 0
        end
      end
    end

    attr_reader :client_function, :request_function, :kind
    # @return [Object] the value of a client without this setting
    attr_reader :default

    def initialize(suffix, kind, default = nil)
      @kind = kind
      @default = default.freeze
      @client_function = :"sac_set_#{suffix}"
      @request_function = :"sac_request_set_#{suffix}"
    end

    # The function of the client, and its arguments after the client.
    def for_client(value)
      [@client_function, *Converters.public_send(@kind, value)]
    end

    # The function of a request, and its arguments after the request.
    def for_request(value)
      [@request_function, *Converters.public_send(@kind, value)]
    end

    def for_clients?
      Native.respond_to?(@client_function)
    end

    def for_requests?
      Native.respond_to?(@request_function)
    end

    # The value for a reader, without the password of a proxy.
    def display_value(value)
      case @kind
      when :proxy then value && Text.plain(value).sub(%r{//[^/]*@}, "//")
      when :guard then value != false
      else value.nil? && @kind == :text ? @default : value
      end
    end
  end
end

require_relative "setting_table"
