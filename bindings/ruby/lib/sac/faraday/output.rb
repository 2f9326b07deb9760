# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # Hands the body of a response to Faraday's `on_data`, piece by piece.
    #
    # The library hands over pieces of answers of 200 to 299 alone, and tells the status and the header
    # fields at the end. Until then the status is 200, which stands for all of these, and there are no
    # header fields. The body of any other answer, and of one to a request with `Range`, whose status
    # decides what to do with it, is handed over at the end as one piece.
    #
    # @api private
    class Output
      # @param env [Faraday::Env]
      def initialize(env)
        @env = env
        @size = 0
        # As Faraday 2 does.
        @with_env = env.respond_to?(:stream_response)
      end

      # @return [Proc, nil] the block of the call
      def block
        method(:take).to_proc unless @env[:request_headers]["Range"]
      end

      # Hands over what is left.
      #
      # @return [String] the body that the response has
      def finish(response, headers)
        tell(response.status, headers)
        rest = response.body
        hand_over(rest) unless rest.empty?
        hand_over(+"") if @size.zero?
        +""
      end

      private

      def take(bytes)
        tell(200, {}) if @size.zero?
        hand_over(bytes)
      end

      def hand_over(bytes)
        @size += bytes.bytesize
        @env[:request].on_data.call(bytes, @size, *([@env] if @with_env))
      end

      def tell(status, headers)
        @env.status = status
        @env.response_headers = ::Faraday::Utils::Headers.new(headers)
      end
    end
  end
end
