# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # Passes the body of a response to Faraday's `on_data`, piece by piece, with the status and the header fields of the
    # response in the environment.
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

      # Passes the body of a stream. The body of a response with a status of 300 or above is there, and is one piece.
      #
      # @param stream [Stream]
      # @param headers [Hash] the header fields of its response
      # @yieldparam error [Error] of a stream that fails
      # @return [void]
      def pass(stream, headers, &on_failure)
        update_env(stream.response.status, headers)
        pass_piece(stream.response.body) unless stream.response.body.empty?
        while (piece = next_piece(stream, &on_failure))
          pass_piece(piece)
        end
        pass_piece(+"") if @size.zero?
      end

      private

      # Only errors of the stream are failures of the call, not those of the program in `on_data`.
      def next_piece(stream)
        stream.readpartial(StreamSource::MAX_PIECE) if stream.ok?
      rescue EOFError
        nil
      rescue Error => e
        yield e
      end

      def pass_piece(bytes)
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
