# frozen_string_literal: true

require "tempfile"

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # The body of a Faraday request: bytes or a reader. A file is sent from its path. Any other reader is copied to a
    # temporary file, so that it is never in memory as a whole.
    #
    # @api private
    class Body
      # As net_http before Ruby 3.5.
      DEFAULT_TYPE = "application/x-www-form-urlencoded"
      private_constant :DEFAULT_TYPE

      # @return [Hash] the option of {Client#request} for it; empty if there is no body
      attr_reader :options

      # @param content [String, #read, nil]
      # @param type [String, nil] the media type
      def initialize(content, type)
        name, value = content.respond_to?(:read) ? from_reader(content) : [:body, content]
        empty = value.nil? || (value.respond_to?(:empty?) && value.empty?)
        @options = empty ? {} : { name => [value, type || DEFAULT_TYPE] }
      end

      # Removes the temporary file.
      def close
        @copy&.close!
      end

      private

      def from_reader(reader)
        return [:body, reader.read] if defined?(StringIO) && reader.is_a?(StringIO)

        [:body_file, path_of(reader) || copy_of(reader)]
      end

      # The path of a file that can be sent from its start.
      def path_of(reader)
        path = reader.to_path if reader.respond_to?(:to_path)
        return unless path && File.file?(path)
        return path unless reader.respond_to?(:to_io)

        # The path may now lead to another file.
        path if reader.to_io.pos.zero? && File.identical?(reader.to_io, path) && !File.empty?(path)
      end

      # The path of a copy of the remaining bytes; nil if there are none.
      def copy_of(reader)
        @copy = Tempfile.new("sac", binmode: true)
        IO.copy_stream(reader, @copy)
        @copy.flush
        @copy.path unless @copy.size.zero?
      end
    end
  end
end
