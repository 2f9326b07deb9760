# frozen_string_literal: true

module SAC
  # A request on its way through the hooks of {Client#use}, which may change it.
  class Request
    include Opaque

    FULL_URL = %r{\Ahttps?://}i
    private_constant :FULL_URL

    # @return [String] the method
    attr_reader :verb
    # @return [String, Array, URI] as {Client#request} takes it
    attr_accessor :path
    # @return [Hash{Symbol => Object}] as {Client#request} takes them
    attr_accessor :options

    # @param client [Client]
    # @api private
    def initialize(client, verb, path, options)
      @client = client
      self.verb = verb
      @path = path
      @options = options
    end

    # @param verb [String, Symbol] a symbol stands for its name in capitals
    def verb=(verb)
      @verb = verb.is_a?(Symbol) ? verb.to_s.upcase : verb
    end

    # The URL of a path, as it may be shown.
    #
    # @api private
    def self.url(base_url, path)
      path = path.is_a?(Array) ? joined(path) : Text.shown(path)
      path = path[/\A[^?#]*/].sub(%r{//[^/]*@}, "//")
      path.match?(FULL_URL) ? path : "#{base_url.chomp('/')}#{path}"
    end

    # @api private
    def self.joined(segments)
      segments.map { |segment| "/#{Text.plain(segment).b.gsub(/[^A-Za-z0-9\-._~]/n) { |byte| format('%%%02X', byte.ord) }}" }.join
    end

    # @return [String] the URL without its query and credentials, which may be secret
    def url
      Request.url(*place)
    end

    # @return [Array] what {Request.url} makes the URL of
    # @api private
    def place
      [@client.base_url, @path]
    end

    # @return [String] the path from the base URL on
    # @raise [InputError] if there is none
    # @api private
    def target
      return Request.joined(@path.map { |segment| checked(segment) }) if @path.is_a?(Array)

      path = Text.utf8(@path)
      path.nil? || path.start_with?("/") || !path.b.match?(FULL_URL) ? path : @client.path_of(path)
    end

    # Says nothing of the options, which may be secret.
    def inspect
      "#<#{self.class} #{verb} #{url}>"
    end

    private

    # One that is empty or leads elsewhere is no segment.
    def checked(segment)
      text = Text.utf8(segment).to_s
      raise Error.for(:invalid_path, "path: a segment cannot be #{text.inspect}") if ["", ".", ".."].include?(text)

      text
    end
  end
end
