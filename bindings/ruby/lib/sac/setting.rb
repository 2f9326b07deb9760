# frozen_string_literal: true

module SAC
  # A setting that a client has, or a single request, and most of them both: its name in Ruby, the name of
  # its functions in C, and how a value becomes their arguments. Times are in seconds; nil for none.
  #
  # @api private
  class Setting
    # How values become arguments.
    module Arguments
      # As many milliseconds, bytes or retries as fit.
      LARGEST = (2**64) - 1
      private_constant :LARGEST

      class << self
        # Rounded up, since 0 stands for no limit.
        def milliseconds(seconds)
          return [0] if seconds.nil?
          raise ArgumentError, "a time has to be a number of seconds: #{seconds.inspect}" unless number?(seconds)

          [seconds.to_f.infinite? ? 0 : (seconds * 1000).ceil.clamp(0, LARGEST)]
        end

        def number(value)
          number = Integer(value || 0, exception: false)
          raise ArgumentError, "a number has to be whole, and 0 or more: #{value.inspect}" unless number&.between?(0, LARGEST)

          [number]
        end

        def flag(value)
          [value ? true : false]
        end

        # Only false takes off what protects: nil may be a forgotten line of a configuration.
        def guard(value)
          [value != false]
        end

        # A token or a password that is missing must not become somebody else's: nil may be a forgotten one.
        def credentials(name, value)
          return value unless value.nil?

          raise ArgumentError, "#{name} is nil; leave it out for the client's own credentials, or give false for none"
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

        # False for none, nil for what the environment says.
        def proxy(url)
          [url == false ? "" : Text.utf8(url)]
        end

        # From the first span to the longest: a range or a pair of seconds.
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
          values.is_a?(Array) && values.size == 2 ? values : raise(ArgumentError, "two values are needed, in an array")
        end

        def number?(value)
          (value.is_a?(Numeric) || value.respond_to?(:to_f)) && !value.is_a?(String) && value >= 0
        end
      end
    end

    attr_reader :client_function, :request_function, :kind
    # @return [Object] what a client has that nobody has told otherwise
    attr_reader :default

    def initialize(suffix, kind, default = nil)
      @kind = kind
      @default = default.freeze
      @client_function = :"sac_set_#{suffix}"
      @request_function = :"sac_request_set_#{suffix}"
    end

    # The function of the client, and its arguments behind the client.
    def for_client(value)
      [@client_function, *Arguments.public_send(@kind, value)]
    end

    # The function of a request, and its arguments behind the request.
    def for_request(value)
      [@request_function, *Arguments.public_send(@kind, value)]
    end

    def of_clients?
      Native.respond_to?(@client_function)
    end

    def of_requests?
      Native.respond_to?(@request_function)
    end

    # What a reader shows, without the password of a proxy.
    def shown(value)
      case @kind
      when :proxy then value && Text.plain(value).sub(%r{//[^/]*@}, "//")
      when :guard then value != false
      else value.nil? && @kind == :text ? @default : value
      end
    end
  end
end

require_relative "setting_table"
