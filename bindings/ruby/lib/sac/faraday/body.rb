# frozen_string_literal: true

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # The body of a Faraday request: bytes or a reader. A reader is sent while it is read, and a file from its path.
    #
    # @api private
    class Body
      # As net_http before Ruby 3.5.
      DEFAULT_TYPE = "application/x-www-form-urlencoded"
      private_constant :DEFAULT_TYPE

      # @return [Hash] the option of {Client#request} for it; empty if there is no body
      attr_reader :options

      # @param content [String, #read, nil]
      # @param fields [Hash] the header fields of the request, with names of any case
      def initialize(content, fields)
        @fields = fields
        name, value = content.respond_to?(:read) ? from_reader(content) : [:body, content]
        empty = value.nil? || (value.respond_to?(:empty?) && value.empty?)
        @options = empty ? {} : { name => [value, fields["Content-Type"] || DEFAULT_TYPE] }
      end

      private

      def from_reader(reader)
        return [:body, source_of(reader)] if chunked?
        return [:body, reader.read] if defined?(StringIO) && reader.is_a?(StringIO)

        path = path_of(reader)
        path ? [:body_file, path] : [:body, source_of(reader)]
      end

      def chunked?
        @fields["Transfer-Encoding"].to_s.strip.casecmp?("chunked")
      end

      # The caller may say the length of a reader that does not.
      def source_of(reader)
        BodySource.new(reader).tap do |source|
          source.length ||= Integer(@fields["Content-Length"].to_s, 10, exception: false)
          source.length = nil if chunked?
        end
      end

      # The path of a file that can be sent from its start.
      def path_of(reader)
        path = reader.to_path if reader.respond_to?(:to_path)
        return unless path && File.file?(path)
        return path unless reader.respond_to?(:to_io)

        # The path may now lead to another file.
        path if reader.to_io.pos.zero? && File.identical?(reader.to_io, path) && !File.empty?(path)
      end
    end
  end
end
