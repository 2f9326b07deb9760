# frozen_string_literal: true

module SAC
  # A request for the hooks of {Client#use}, which may change it.
  class Request
    include Redacted

    FULL_URL = %r{\Ahttps?://}i
    private_constant :FULL_URL

    # @return [String] the method
    attr_reader :verb
    # @return [String, Array, URI] as for {Client#request}
    attr_accessor :path
    # @return [Hash{Symbol => Object}] as for {Client#request}
    attr_accessor :options

    # @param client [Client]
    # @api private
    def initialize(client, verb, path, options)
      @client = client
      self.verb = verb
      @path = path
      @options = options
    end

    # @param verb [String, Symbol] a symbol becomes upper case
    def verb=(verb)
      @verb = verb.is_a?(Symbol) ? verb.to_s.upcase : verb
    end

    # The URL of a path, without secrets.
    #
    # @api private
    def self.url(base_url, path)
      path = path.is_a?(Array) ? join_segments(path) : Text.printable(path)
      path = path[/\A[^?#]*/].sub(%r{//[^/]*@}, "//")
      path.match?(FULL_URL) ? path : "#{base_url.chomp('/')}#{path}"
    end

    # @api private
    def self.join_segments(segments)
      segments.map { |segment| "/#{Text.plain(segment).b.gsub(/[^A-Za-z0-9\-._~]/n) { |byte| format('%%%02X', byte.ord) }}" }.join
    end

    # @return [String] the URL without its query and credentials, which may be secret
    def url
      Request.url(*url_parts)
    end

    # @return [Array] the arguments for {Request.url}
    # @api private
    def url_parts
      [@client.base_url, @path]
    end

    # @return [String] the path relative to the base URL
    # @raise [InputError] if there is none
    # @api private
    def target
      return Request.join_segments(@path.map { |segment| check_segment(segment) }) if @path.is_a?(Array)

      path = Text.utf8(@path)
      path.nil? || path.start_with?("/") || !path.b.match?(FULL_URL) ? path : @client.path_of(path)
    end

    # Does not show the options, which may be secret.
    def inspect
      "#<#{self.class} #{verb} #{url}>"
    end

    private

    # Refuses a segment that is empty or would change the directory.
    def check_segment(segment)
      text = Text.utf8(segment).to_s
      raise Error.for(:invalid_path, "path: a segment cannot be #{text.inspect}") if ["", ".", ".."].include?(text)

      text
    end
  end
end
