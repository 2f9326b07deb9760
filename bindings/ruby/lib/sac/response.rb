# frozen_string_literal: true

module SAC
  # The result of a call. Every call has one; {#ok?} says whether the call succeeded.
  #
  # It does not change, and any number of threads may read it.
  class Response
    include Values
    include Enumerable

    # The keys of {#deconstruct_keys}.
    MATCHED = %i[code status reason error headers data body verb url].freeze
    # The members that `Marshal.dump` keeps.
    STORED = %i[code status reason error json json_state body fields links journal tls attempts elapsed verb].freeze
    # A method (RFC 9110 section 5.6.2), and the URL of a request.
    TOKEN = /\A[!#$%&'*+\-.^_`|~0-9A-Za-z]+\z/n
    FULL_URL = %r{\Ahttps?://[^/?#\0]+[^\0]*\z}in
    private_constant :MATCHED, :STORED, :TOKEN, :FULL_URL

    # Makes a response for tests: the response of a call to a server that sends this. The library itself makes it,
    # from the bytes of a server on this machine.
    #
    #     SAC::Response.build(status: 404, body: { error: "no such user" })
    #     SAC::Response.build(code: :timeout)
    #
    # A response from here or from `Marshal.load` contains Ruby values, so {#text_at} of `1.10` is `1.1`, except for
    # the whole document. {#json} and {#body} have the original digits.
    #
    # @param headers [Hash]
    # @param reason [String] the reason phrase
    # @param body [String, Object] bytes, or an object that is converted to JSON
    # @param code [Symbol, nil] one of {CODES}, for a call without a response from a server
    # @param error [String, nil] what went wrong, with such a code
    # @param verb [String, Symbol] the method of the request
    # @param url [String] the URL of the request: `http://` or `https://`, a host, and optionally a path
    # @return [Response]
    # @raise [ArgumentError] if the request is invalid
    def self.build(status: 200, headers: {}, body: "", reason: "", code: nil, error: nil, verb: "GET",
                   url: "http://localhost/", symbolize_names: false)
      verb, url = checked_request(verb, url)
      context = { verb: verb, place: ["", url], symbolize_names: symbolize_names }
      return StoredResponse.new(**Loopback.new(status, reason, headers, body).fetch(verb, url), **context) unless code
      raise ArgumentError, "no such code: #{code}" unless ERRORS.key?(code)

      StoredResponse.of_error(Error.for(code, error || Native.message(CODES.key(code))), **context)
    end

    # Checks the method and the URL of a built response.
    def self.checked_request(verb, url)
      verb = verb.is_a?(Symbol) ? verb.to_s.upcase : verb
      url = Text.plain(url) unless url.nil?
      raise ArgumentError, "verb must be a method, such as GET" unless verb.is_a?(String) && verb.b.match?(TOKEN)
      raise ArgumentError, "url must be a full URL: http:// or https://, and a host" unless url&.b&.match?(FULL_URL)

      [verb, url]
    end
    private_class_method :checked_request

    # @api private
    def self._load(dumped)
      StoredResponse.new(**Marshal.load(dumped)) # rubocop:disable Security/MarshalLoad
    end

    # @param native [FFI::Pointer] see {Native::ResponseMemory.own}
    # @param place [Array] the arguments for {Request.url}
    # @api private
    def initialize(native, verb, place, symbolize_names)
      @native = native
      @verb = verb
      @url_parts = place
      @symbolize_names = symbolize_names
    end

    # @return [String] the method of the request
    def verb
      Text.printable(@verb)
    end

    # @return [String] the URL of the request, without its query and credentials, which may be secret; redirects
    #   may have led to another
    def url
      Request.url(*@url_parts)
    end

    # @return [Boolean] whether a complete response arrived, its status is below 400, and its body is JSON if JSON was
    #   requested (or could be repaired)
    def ok?
      code == :ok
    end

    # @return [Boolean] whether the call succeeded with a status of 2xx
    def success?
      ok? && status.between?(200, 299)
    end

    # @return [Symbol] `:ok`, or what went wrong: one of {CODES}
    def code
      @code ||= Native.code(@native.get_int32(Native::ResponseMemory::CODE))
    end

    # @return [Integer] the HTTP status; 0 if no response arrived
    def status
      @native.get_int32(Native::ResponseMemory::STATUS)
    end

    # @return [String] the reason phrase of the status line as the server sent it; empty if there is none
    def reason
      utf8(Native.sac_response_reason(@native))
    end

    # @return [String, nil] what went wrong, in English, on one line; nil if the call succeeded
    def error
      @error ||= Native::ResponseMemory.text(@native, Native::ResponseMemory::ERROR)
    end

    # @return [String] JSON text in UTF-8, always well-formed
    def json
      @json ||= Native::ResponseMemory.bytes(@native, Native::ResponseMemory::JSON).force_encoding(Encoding::UTF_8)
    end

    # @return [Symbol] how {#json} relates to {#body}: one of {JSON_STATES}
    def json_state
      JSON_STATES.fetch(@native.get_int32(Native::ResponseMemory::JSON_STATE))
    end

    # @return [Boolean] whether the body was damaged JSON and was repaired
    def repaired?
      json_state == :repaired
    end

    # @return [String] the bytes as received, with the content coding decoded; with binary encoding
    def body
      @body ||= Native::ResponseMemory.bytes(@native, Native::ResponseMemory::BODY)
    end

    # @return [String] the body as text in UTF-8, decoded by the charset in the `Content-Type`; invalid bytes are
    #   replaced
    def text
      body.dup.force_encoding(charset).encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
    end

    # @return [Encoding] of the `Content-Type`; UTF-8 if it names none that can be converted to UTF-8
    def charset
      named = named_charset || Encoding::UTF_8
      Encoding::Converter.search_convpath(named, Encoding::UTF_8) && named
    rescue EncodingError
      Encoding::UTF_8
    end

    # @return [Encoding, nil] of the `Content-Type`; nil if it names none that Ruby knows
    # @api private
    def named_charset
      name = header("Content-Type").to_s[/;\s*charset\s*=\s*"?([^\s";]+)/i, 1]
      name && Encoding.find(name)
    rescue ArgumentError
      nil
    end

    # @return [String, nil] the media type of the body in lower case, without parameters
    def content_type
      header("Content-Type")&.[](/\A[^;\s]+/)&.downcase
    end

    # The JSON as Ruby values, parsed at the first call. Integers of any size are exact. A number such as `1e999`
    # becomes infinity, for which `to_json` raises an error; {#to_json} of the response returns the original text.
    #
    # @return [Hash, Array, String, Numeric, true, false]
    # @raise [JSON::NestingError] if it is nested deeper than {JSONText::MAX_NESTING}
    def data
      @data = JSONText.parse(json, symbolize_names: @symbolize_names) unless defined?(@data)
      @data
    end

    # @return [Object, nil] a member or an element of the data; nil if there is none
    def [](key)
      dig(key)
    end

    # @return [Boolean] whether the data is an object with such a member
    def key?(name)
      data.is_a?(Hash) && data.key?(name)
    end

    # A member or an element of the data, as `Hash#fetch` and `Array#fetch`.
    #
    # @raise [KeyError, IndexError] if there is no such member and no default
    def fetch(key, *default, &block)
      (data.respond_to?(:fetch) ? data : {}).fetch(key, *default, &block)
    end

    # The elements of a list, or the members of an object.
    #
    # @return [self]
    def each(&block)
      return enum_for(:each) unless block

      (data.respond_to?(:each) ? data : [data]).each(&block)
      self
    end

    # @return [Hash] the data
    # @raise [TypeError] if it is not an object
    def to_h(&block)
      raise TypeError, "the data is not an object, but #{data.class}" unless data.is_a?(Hash)

      block ? data.to_h(&block) : data
    end

    # For `to_json` and `render json:` in Rails.
    #
    # @return [Object] the data
    def as_json(*)
      data
    end

    # @return [String] the JSON
    def to_json(*)
      json
    end

    # @return [Object, nil] the value at these keys, one level each; nil if there is none
    def dig(*keys)
      keys.reduce(data) do |value, key|
        case value
        when Hash then value[key]
        when Array then key.is_a?(Integer) ? value[key] : nil
        end
      end
    end

    # @return [Headers] all header fields
    def headers
      @headers ||= Headers.new(fields)
    end

    # @return [String, nil] the first value of a header field; the name is case-insensitive
    def header(name)
      utf8(Native.sac_response_header(@native, Text.field_name(name)))
    end

    # @param rel [String] such as `next`
    # @return [String, nil] the target of the `Link` field with this relation (RFC 8288), as a full URL;
    #   {Client#path_of} converts it to a path
    def link(rel)
      utf8(Native.sac_response_link(@native, Text.utf8(rel)))
    end

    # @return [Array<Hash{Symbol => Object}>] a description of each attempt: see `sac_response_journal`
    def journal
      @journal ||= JSONText.parse(Native.sac_response_journal(@native), symbolize_names: true)
    end

    # @return [Hash{Symbol => Object}, nil] the TLS session on which the response arrived: see `sac_response_tls`; nil if it
    #   did not arrive over https
    def tls
      @tls ||= Native.sac_response_tls(@native)&.then { |json| JSONText.parse(json, symbolize_names: true) }
    end

    # @return [Integer] the number of requests sent
    def attempts
      @native.get_int32(Native::ResponseMemory::ATTEMPTS)
    end

    # @return [Float] the duration of the whole call in seconds, including delays
    def elapsed
      @native.get_uint64(Native::ResponseMemory::ELAPSED_US) / 1_000_000.0
    end

    # @return [Error, nil] the error that {#or_raise} raises; nil if the call succeeded
    def exception
      ok? ? nil : Error.for(code, error_with_request, response: self)
    end

    # @return [self]
    # @raise [Error] if the call failed
    def or_raise
      raise exception unless ok?

      self
    end

    # For pattern matching: `in { status: 200, headers: { content_type: }, data: { name: } }`.
    def deconstruct_keys(keys)
      (keys ? MATCHED & keys : MATCHED).to_h { |key| [key, public_send(key)] }
    end

    # For `Marshal.dump`, for example in a cache. {#json} and {#body} stay unchanged; {#text_at} generates its text from
    # values.
    #
    # @api private
    def _dump(_level)
      Marshal.dump(stored)
    end

    # @return [Hash{Symbol => Object}] the arguments for {StoredResponse}
    # @api private
    def stored
      STORED.to_h { |name| [name, __send__(name)] }.update(place: ["", url], symbolize_names: @symbolize_names)
    end

    # Does not show the content, which may be secret.
    def inspect
      "#<SAC::Response #{code} #{status}>"
    end

    private

    # With method and URL, as in network errors: for an error status, the library has only the server's message.
    def error_with_request
      %i[status rate_limited].include?(code) && status.positive? ? "#{verb} #{url} answered #{status}: #{error}" : error
    end

    # The header fields, in order.
    def fields
      out = FFI::MemoryPointer.new(:pointer, 2)
      value = out + FFI::Pointer.size
      Array.new(Native.sac_response_header_count(@native)) do |index|
        Native.sac_response_header_at(@native, index, out, value)
        [utf8(out.read_pointer.read_string), utf8(value.read_pointer.read_string)]
      end
    end

    # The target of each relation in the `Link` fields.
    def links
      rels = headers.all("Link").flat_map { |field| field.scan(/rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i) }
      rels.flatten.compact.flat_map(&:split).to_h { |rel| [rel, link(rel)] }.compact
    end

    def utf8(string)
      string&.force_encoding(Encoding::UTF_8)
    end
  end
end
