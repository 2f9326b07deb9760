# frozen_string_literal: true

module SAC
  # A part of a multipart form (`multipart/form-data`, RFC 7578). Other values in the option `multipart` of
  # {Client#request} are converted to parts: a `File` or `Pathname` to a file, an uploaded file of Rails or Rack to
  # a file with its name and type, anything else to a plain field, for example the content of a StringIO.
  class Part
    include Redacted

    # A file, which is read while it is sent. The server receives the last component of its path as the file name.
    #
    # @param path [String, #path, #to_path]
    # @param content_type [String, nil] nil for `application/octet-stream`
    # @return [Part]
    def self.file(path, content_type: nil)
      new(:sac_request_add_part_file, Text.path(path), Text.utf8(content_type))
    end

    # Bytes from memory: a file if there is a file name, otherwise a plain field.
    #
    # @param content_type [String, nil] nil for `application/octet-stream` if it is a file
    # @return [Part]
    def self.bytes(bytes, file_name: nil, content_type: nil)
      bytes = String(bytes).b.freeze
      new(:sac_request_add_part, Text.utf8(file_name), Text.utf8(content_type), bytes, bytes.bytesize)
    end

    # @return [Part]
    # @api private
    def self.of(value)
      return value if value.is_a?(Part)
      return uploaded(value) if value.respond_to?(:original_filename)

      value.respond_to?(:to_path) ? file(value) : bytes(Text.utf8(Text.read_all(value)))
    end

    # A file that a user has uploaded to this program. It is read into memory, because its path has another file
    # name.
    def self.uploaded(file)
      file.rewind
      bytes(file.read, file_name: file.original_filename, content_type: file.content_type)
    end
    private_class_method :uploaded

    # @api private
    def initialize(function, *arguments)
      @function = function
      @arguments = arguments
    end

    # Does not show the content, which may be secret.
    def inspect
      "#<#{self.class}>"
    end

    # The function of the library, and its arguments after the request.
    #
    # @api private
    def step(name)
      [@function, name, *@arguments]
    end
  end
end
