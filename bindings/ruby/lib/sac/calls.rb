# frozen_string_literal: true

module SAC
  # The calls of a {Client}.
  module Calls
    # Makes a call, and answers whatever happens: see {Response#ok?}.
    #
    # @param verb [String, Symbol] the method, such as `"GET"`, `:get` or `"PROPFIND"`
    # @param path [String, Array, URI] starts with `/` and goes behind the base path; may hold a query.
    #   An array is the segments of a path, each of which is escaped: `["users", name]`. A full URL has to
    #   be of the client's origin and below its base path
    # @option options [Hash, Array, String] :query parameters; an array as a value stands for several, nil
    #   for none. A string is taken for a query that is percent-encoded already
    # @option options [Hash, Array, String] :params the same
    # @option options [String, false] :bearer a token, for this call in place of the client's credentials;
    #   false for no credentials at all. Nil raises `ArgumentError`: it may be a token that is missing
    # @option options [Array(String, String), false] :basic user name and password, likewise
    # @option options [Hash] :cookies for this call, besides the client's. What the server sets in answer
    #   to such a call is not kept in a cookie jar
    # @option options [Hash] :headers in place of the client's own; an array as a value stands for several
    #   that are joined by commas. Nil as a value leaves the field out, so that the client's own is sent
    # @option options [Object] :json becomes the body as JSON: see {JSONText.generate}
    # @option options [String] :json_text JSON that is sent as it stands
    # @option options [Hash, Array] :form becomes the body (`application/x-www-form-urlencoded`)
    # @option options [String, #read, Array(String, String)] :body bytes, or bytes and their media type;
    #   what is read is in memory meanwhile, other than with `body_file`. An uploaded file of Rails or
    #   Rack keeps its type
    # @option options [String, Array(String, String)] :body_file the path of a file, or with its media
    #   type; it is read while it is sent, and again where a retry needs that
    # @option options [Hash] :multipart becomes the body (`multipart/form-data`): a `File`, `Pathname` or
    #   {Part} is a file, an uploaded file of Rails or Rack too, with its name and type; anything else is
    #   a plain field
    # @option options [String] :output_file where the body of the answer goes; the file appears whole or
    #   not at all, and a retry goes on where a download broke if the server lets it
    # @option options [#call] :progress is given a {Progress} after each piece of up to 128 KiB; where
    #   it returns false, the call ends
    # @option options [String] :idempotency_key lets a POST or PATCH be retried where its outcome is unknown
    # @option options [Cancel, Array<Cancel>] :cancel may end the call
    # @option options [Boolean] :symbolize_names as for the client
    # @param options moreover, for this call alone: each setting of {SETTINGS} that is not for a client alone
    # @return [Response]
    # @raise [ArgumentError] where an option is of no use, or there is no such option
    # @raise [ClientClosed]
    # @yieldparam bytes [String] where a block is given: the body of the answer, piece by piece, unless
    #   the status is 300 or above; the response has none of it then. Leaving the block, as by `break`,
    #   ends the call
    def request(verb, path, **options, &block)
      request = Request.new(self, verb, path, options)
      return perform(request, block) if hooks.empty?

      through_hooks(request) { |asked| perform(asked, block) }
    end

    # As {#request}, and raises where not all went well.
    #
    # @return [Response]
    # @raise [Error] with the response
    def request!(verb, path, **options, &block)
      request(verb, path, **options, &block).or_raise
    end

    # Makes many calls, several at once, and waits for all of them. Callbacks and hooks run on the
    # calling thread, one at a time.
    #
    # @param requests [Array<String, Array>] paths to get, or method, path and options of {#request}
    # @param parallel [Integer] how many are under way at once, at most
    # @return [Array<Response>] in the order of the requests
    def send_all(requests, parallel: 4)
      raise ArgumentError, "parallel has to be positive" unless parallel.is_a?(Integer) && parallel.positive?
      raise ArgumentError, "requests have to be a list, not #{requests.class}" unless requests.is_a?(Enumerable)

      runtime = Runtime.current
      requests = requests.map { |verb, path, options| Request.new(self, *(path ? [verb, path] : ["GET", verb]), options.to_h) }
      return runtime.run_all(requests.map { |request| call_for(runtime, request) }, parallel) if hooks.empty?

      run_hooked(runtime, requests, parallel)
    end

    # @!method get(path, **options, &block)
    #   Gets a resource; see {#request}.
    # @!method get!(path, **options, &block)
    #   As {#get}, and raises where not all went well.
    %w[get head post put patch delete options trace].each do |name|
      verb = name.upcase.freeze
      define_method(name) { |path, **options, &block| request(verb, path, **options, &block) }
      define_method(:"#{name}!") { |path, **options, &block| request(verb, path, **options, &block).or_raise }
    end

    # Gets a resource that need not be JSON, for its {Response#body}.
    #
    # @return [Response]
    def get_binary(path, headers: {}, **options, &block)
      get(path, headers: { "Accept" => Plan::OCTETS, **headers.to_h }, **options, &block)
    end

    # As {#get_binary}, and raises where not all went well.
    def get_binary!(path, **options, &block)
      get_binary(path, **options, &block).or_raise
    end

    # Gets a list that comes in pages.
    #
    #     client.pages("/v1/items").each { |page| page.each { |item| puts item["name"] } }
    #     client.pages("/v1/items") { |page| page["next"] }
    #     client.pages("/v1/items") { |page| page["cursor"] && { cursor: page["cursor"] } }
    #
    # @param options as for {#request}
    # @yieldparam page [Response]
    # @yieldreturn [String, Array, URI, Hash, nil] the path or full URL of the next page, or parameters for
    #   the query of this one; nil or false for none. Without a block, a `Link` field names it
    # A page that names itself as the next one is the last; it may come twice, if it was asked for by another
    # form of its URL.
    #
    # @return [Enumerator<Response>] gets each page when it is asked for
    # @raise [Error] while it is read, if not all went well
    def pages(path, **options, &following)
      following ||= ->(page) { page.link("next") }
      Enumerator.new do |pages|
        place = path
        own = options
        last = nil
        while place && last != [place, own]
          last = [place, own]
          page = get!(place, **own)
          pages << page
          found = following.call(page)
          place = found unless found.is_a?(Hash)
          own = found.is_a?(Hash) ? with_query(own, found) : own.except(:query, :params)
        end
      end
    end

    # Gets a resource piece by piece, as an object that is read and closed.
    #
    #     stream = client.stream("/v1/export")
    #     stream.each { |bytes| file.write(bytes) }
    #
    # @param options as for {#request}
    # @return [Stream]
    def stream(path, verb: "GET", **options)
      Stream.new(self, verb, path, options)
    end

    private

    def perform(request, block)
      runtime = Runtime.current
      runtime.run(call_for(runtime, request, block))
    end

    def hooks
      Notifications.listening? ? [Notifications, *@hooks] : @hooks
    end

    # Sends a request by a block, through the hooks.
    def through_hooks(request, &sending)
      hooks.reverse_each.reduce(sending) { |inner, hook| ->(asked) { answer_of(hook, hook.call(asked, &inner)) } }.call(request)
    end

    def answer_of(hook, response)
      return response if response.is_a?(Response)

      raise TypeError, "a hook has to return a SAC::Response, not #{response.class}#{place_of(hook)}"
    end

    def place_of(hook)
      place = hook.source_location if hook.respond_to?(:source_location)
      " (#{place.join(':')})" if place
    end

    # The hooks of each request wait in a fiber while the calls of all are made.
    def run_hooked(runtime, requests, parallel)
      fibers = requests.map do |request|
        Fiber.new(blocking: true) { through_hooks(request) { |asked| Fiber.yield(call_for(runtime, asked)) } }
      end
      results = fibers.map(&:resume)
      until (waiting = results.each_index.select { |index| results[index].is_a?(Call) }).empty?
        responses = runtime.run_all(results.values_at(*waiting), parallel)
        waiting.zip(responses) { |index, response| results[index] = fibers[index].resume(response) }
      end
      results
    ensure
      fibers&.each { |fiber| leave(fiber) }
    end

    # A hook that still waits is left by an exception, so that what it ensures is done.
    def leave(fiber)
      fiber.raise(Error.for(:cancelled, "the call was not made")) if fiber.alive?
    rescue StandardError
      # Its own, or that of a fiber which has not begun.
      nil
    end

    # The options with more parameters in the query, in place of those of the same name.
    def with_query(options, more)
      query = options[:query] || options[:params] || {}
      pairs = query.is_a?(String) ? query_pairs(query) : Text.pairs("query", query)
      more = Text.pairs("query", more)
      { **options.except(:params), query: pairs.reject { |name, _| more.assoc(name) } + more }
    end

    def query_pairs(query)
      require "uri"
      URI.decode_www_form(query.delete_prefix("?"))
    end
  end
end
