# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # Passes the body of a response to Faraday's `on_data`, piece by piece.
    #
    # The library passes pieces only for a status of 200 to 299, and returns the status and the header fields at the
    # end. Until then the status here is 200, and there are no header fields. If the status is another, or if the
    # request has a `Range`, `on_data` needs the status, and gets the body at the end as one piece.
    #
    # @api private
    class Output
      # @param env [Faraday::Env]
      def initialize(env)
        @env = env
        @size = 0
        # As in Faraday 2.
        @with_env = env.respond_to?(:stream_response)
      end

      # @return [Proc, nil] the block of the call
      def block
        method(:append).to_proc unless @env[:request_headers]["Range"]
      end

      # Passes the remaining bytes.
      #
      # @return [String] the body that the response has
      def finish(response, headers)
        update_env(response.status, headers)
        rest = response.body
        yield_piece(rest) unless rest.empty?
        yield_piece(+"") if @size.zero?
        +""
      end

      private

      def append(bytes)
        update_env(200, {}) if @size.zero?
        yield_piece(bytes)
      end

      def yield_piece(bytes)
        @size += bytes.bytesize
        @env[:request].on_data.call(bytes, @size, *([@env] if @with_env))
      end

      def update_env(status, headers)
        @env.status = status
        @env.response_headers = ::Faraday::Utils::Headers.new(headers)
      end
    end
  end
end
