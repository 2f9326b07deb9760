# frozen_string_literal: true

module SAC
  # A body that is read from an object while it is sent, such as a file, a pipe or a socket.
  #
  # @api private
  class BodySource
    # Whether a body is such an object. A file in /proc has the size 0, and is read as a whole first.
    def self.streams?(body)
      body.respond_to?(:read) && !body.method(:read).arity.zero? &&
        !(body.is_a?(File) && body.stat.file? && body.size.zero?)
    end

    # @return [Integer, nil] the number of bytes up to the end; nil if it is not known
    attr_accessor :length

    # @param reader [#read]
    def initialize(reader)
      @reader = reader
      # A pipe returns what has arrived, without waiting for more.
      @method = reader.respond_to?(:readpartial) ? :readpartial : :read
      @start = position
      @length = length_from(@start.to_i)
      # The same memory for each piece, if the reader accepts it as `IO#read` does.
      @buffer = String.new if takes_buffer?
      @rest = nil
    end

    # @param size [Integer] the maximum
    # @return [String] the next bytes, valid until the next call; empty at the end
    def read(size)
      bytes = @rest || read_from(size)
      @rest = nil
      return bytes if bytes.bytesize <= size

      @rest = bytes.byteslice(size, bytes.bytesize)
      bytes.byteslice(0, size)
    end

    # Whether the body can be sent again.
    def rewinds?
      return @reader.respond_to?(:rewind) && io.nil? unless @start

      @reader.respond_to?(@start.zero? ? :rewind : :seek)
    end

    # Begins again.
    def rewind
      @rest = nil
      @start&.positive? ? @reader.seek(@start) : @reader.rewind
    end

    private

    def takes_buffer?
      kinds = @reader.method(@method).parameters.map(&:first)
      kinds.include?(:rest) || kinds.count { |kind| %i[req opt].include?(kind) } > 1
    end

    # The position of the first byte; nil for a pipe and the like, and for an object that does not say it.
    def position
      [@reader, io].find { |object| object.respond_to?(:pos) }&.pos
    rescue SystemCallError
      nil
    end

    def length_from(start)
      size = (@reader.public_send(size_name) if size_name && !endless?)
      [size - start, 0].max if size.is_a?(Integer)
    end

    def size_name
      %i[size length].find { |name| @reader.respond_to?(name) }
    end

    # Whether the size says nothing: for a pipe or a device, and for a Struct with a method `read`, whose size is the
    # number of its members.
    def endless?
      io ? @start.nil? || !io.stat.file? : @start.nil? && @reader.is_a?(Enumerable)
    end

    # The file or the like that is under the reader.
    def io
      @reader.to_io if @reader.respond_to?(:to_io)
    end

    def read_from(size)
      bytes = (@buffer ? @reader.public_send(@method, size, @buffer) : @reader.public_send(@method, size)) || ""
      raise TypeError, "#{@method} of a body must return a String, not #{bytes.class}" unless bytes.is_a?(String)

      bytes
    rescue EOFError
      ""
    end
  end
end
