# frozen_string_literal: true

module SAC
  # A part of a form with files (`multipart/form-data`, RFC 7578). A value of {Client#request}'s
  # `multipart` that is none becomes one: a `File` or `Pathname` a file, an uploaded file of Rails or
  # Rack a file with its name and type, anything else a plain field (what a StringIO holds, for
  # instance).
  class Part
    include Opaque

    # A file, which is read while it is sent. The server is told the last component of its path.
    #
    # @param path [String, #path, #to_path]
    # @param content_type [String, nil] nil for `application/octet-stream`
    # @return [Part]
    def self.file(path, content_type: nil)
      new(:sac_request_add_part_file, Text.path(path), Text.utf8(content_type))
    end

    # Bytes from memory: a file where there is a file name, else a plain field.
    #
    # @param content_type [String, nil] nil for `application/octet-stream` where it is a file
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

      value.respond_to?(:to_path) ? file(value) : bytes(Text.utf8(Text.read(value)))
    end

    # A file that a user has sent to this program. It is in memory meanwhile, since its path has
    # another name.
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

    # Says nothing of what is in it, which may be secret.
    def inspect
      "#<#{self.class}>"
    end

    # The function of the library, and its arguments behind the request.
    #
    # @api private
    def step(name)
      [@function, name, *@arguments]
    end
  end
end
