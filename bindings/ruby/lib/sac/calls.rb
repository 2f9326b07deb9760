# frozen_string_literal: true

module SAC
  # The calls of a {Client}.
  module Calls
    # Makes a call, and returns a response in every case: see {Response#ok?}.
    #
    # @param verb [String, Symbol] the method, such as `"GET"`, `:get` or `"PROPFIND"`
    # @param path [String, Array, URI] starts with `/`, is appended to the base path, and may contain a query.
    #   An array contains the segments of a path, which are escaped: `["users", name]`. A full URL must be of
    #   the client's origin and below its base path
    # @option options [Hash, Array, String] :query parameters; an array as a value means several parameters,
    #   nil none. A string is a query that is already percent-encoded
    # @option options [Hash, Array, String] :params the same as `query`
    # @option options [String, false] :bearer a token for this call, which replaces the client's credentials;
    #   false for no credentials. Nil raises `ArgumentError`, because it may be a missing token
    # @option options [Array(String, String), false] :basic user name and password, with the same rules
    # @option options [Hash] :cookies for this call, in addition to the client's. A cookie jar does not keep
    #   the cookies that the server sets in the response to such a call
    # @option options [Hash] :headers replace the client's fields; an array as a value means several values,
    #   which are joined by commas. With nil as a value the client's field stays
    # @option options [Object] :json becomes the body as JSON: see {JSONText.generate}
    # @option options [String] :json_text JSON that is sent unchanged
    # @option options [Hash, Array] :form becomes the body (`application/x-www-form-urlencoded`)
    # @option options [String, #read, Array(String, String), Array(#read, String)] :body bytes, or bytes and their media type.
    #   Instead of bytes, an object with `read(size)`, such as a file, a pipe or a socket, is read while it is sent, up to
    #   its end: with its length if it says its `size`, otherwise in chunks (RFC 9112 section 7.1). It is sent again, for
    #   a retry or a redirect, only if it can `rewind`. An exception in `read` ends the call, which raises it. While
    #   `read` waits, only an interrupt such as that of `Timeout.timeout` ends the call. An uploaded file of Rails or
    #   Rack keeps its type
    # @option options [String, Array(String, String)] :body_file the path of a file, or the path and the media
    #   type; the file is read while it is sent, and again for a retry
    # @option options [Hash] :multipart becomes the body (`multipart/form-data`): a `File`, `Pathname` or
    #   {Part} is a file, and so is an uploaded file of Rails or Rack, with its name and type; anything else
    #   is a plain field
    # @option options [String] :output_file receives the body of the response; the file appears complete or
    #   not at all, and a retry resumes the download if the server supports that
    # @option options [#call] :progress gets a {Progress} after each piece of up to 128 KiB; if it returns
    #   false, the call ends
    # @option options [String] :idempotency_key allows retries of a POST or PATCH whose result is unknown
    # @option options [Cancel, Array<Cancel>] :cancel can end the call
    # @option options [Boolean] :symbolize_names as for the client
    # @param options also each setting of {SETTINGS} that requests have, for this call only
    # @return [Response]
    # @raise [ArgumentError] if an option is unknown, or its value is not usable
    # @raise [ClientClosed]
    # @yieldparam bytes [String] if a block is given, it gets the body of the response piece by piece, unless
    #   the status is 300 or above; the response then has no body. To leave the block, for example by
    #   `break`, ends the call
    def request(verb, path, **options, &block)
      request = Request.new(self, verb, path, options)
      return perform(request, block) if hooks.empty?

      run_hooks(request) { |changed| perform(changed, block) }
    end

    # Like {#request}, but raises an error if the call fails.
    #
    # @return [Response]
    # @raise [Error] with the response
    def request!(verb, path, **options, &block)
      request(verb, path, **options, &block).or_raise
    end

    # Makes many calls, several at once, and waits for all. Callbacks and hooks run on the calling thread, one
    # at a time.
    #
    # @param requests [Array<String, Array>] paths to get, or method, path and options of {#request}
    # @param parallel [Integer] the maximum number of calls at once
    # @return [Array<Response>] in the order of the requests
    def send_all(requests, parallel: 4)
      raise ArgumentError, "parallel must be positive" unless parallel.is_a?(Integer) && parallel.positive?
      raise ArgumentError, "requests must be a list, not #{requests.class}" unless requests.is_a?(Enumerable)

      runtime = Runtime.current
      requests = requests.map { |verb, path, options| Request.new(self, *(path ? [verb, path] : ["GET", verb]), options.to_h) }
      return runtime.run_all(requests.map { |request| call_for(runtime, request) }, parallel) if hooks.empty?

      run_hooked(runtime, requests, parallel)
    end

    # @!method get(path, **options, &block)
    #   Gets a resource; see {#request}.
    # @!method get!(path, **options, &block)
    #   Like {#get}, but raises an error if the call fails.
    # Evaluated, because Ruby calls a method with `def` faster than one of `define_method`.
    %w[get head post put patch delete options trace].each do |name|
      class_eval(<<~RUBY, __FILE__, __LINE__ + 1)
        # frozen_string_literal: true

        def #{name}(path, **options, &block)                          # def get(path, **options, &block)
          request("#{name.upcase}", path, **options, &block)          #   request("GET", path, **options, &block)
        end                                                           # end

        def #{name}!(path, **options, &block)                         # def get!(path, **options, &block)
          request("#{name.upcase}", path, **options, &block).or_raise #   request("GET", path, **options, &block).or_raise
        end                                                           # end
      RUBY
    end

    # Gets a resource that need not be JSON, for its {Response#body}.
    #
    # @return [Response]
    def get_binary(path, headers: {}, **options, &block)
      get(path, headers: { "Accept" => Plan::OCTET_STREAM, **headers.to_h }, **options, &block)
    end

    # Like {#get_binary}, but raises an error if the call fails.
    def get_binary!(path, **options, &block)
      get_binary(path, **options, &block).or_raise
    end

    # Gets the pages of a list.
    #
    #     client.pages("/v1/items").each { |page| page.each { |item| puts item["name"] } }
    #     client.pages("/v1/items") { |page| page["next"] }
    #     client.pages("/v1/items") { |page| page["cursor"] && { cursor: page["cursor"] } }
    #
    # A page that names itself as the next one is the last; it may appear twice, if the first request used
    # another form of its URL.
    #
    # @param options as for {#request}
    # @yieldparam page [Response]
    # @yieldreturn [String, Array, URI, Hash, nil] the path or full URL of the next page, or parameters for
    #   the query of this one; nil or false for none. Without a block, a `Link` field names the next page
    # @return [Enumerator<Response>] gets each page on demand
    # @raise [Error] from the enumerator, if a call fails
    def pages(path, **options, &following)
      following ||= ->(page) { page.link("next") }
      Enumerator.new do |pages|
        current = [path, options]
        previous = nil
        while current.first && current != previous
          previous = current
          place, own = current
          page = get!(place, **own)
          pages << page
          target = following.call(page)
          current = target.is_a?(Hash) ? [place, with_query(own, target)] : [target, own.except(:query, :params)]
        end
      end
    end

    private

    def perform(request, block)
      runtime = Runtime.current
      runtime.run(call_for(runtime, request, block))
    end

    def hooks
      Notifications.listening? ? [Notifications, *@hooks] : @hooks
    end

    # Sends a request with a block, through the hooks.
    def run_hooks(request, &sender)
      hooks.reverse_each.reduce(sender) { |inner, hook| ->(changed) { check_response(hook, hook.call(changed, &inner)) } }
           .call(request)
    end

    def check_response(hook, response)
      return response if response.is_a?(Response)

      raise TypeError, "a hook must return a SAC::Response, not #{response.class}#{hook_location(hook)}"
    end

    def hook_location(hook)
      location = hook.source_location if hook.respond_to?(:source_location)
      " (#{location.join(':')})" if location
    end

    # The hooks of each request wait in a fiber during the calls.
    def run_hooked(runtime, requests, parallel)
      fibers = requests.map do |request|
        Fiber.new(blocking: true) { run_hooks(request) { |changed| Fiber.yield(call_for(runtime, changed)) } }
      end
      results = fibers.map(&:resume)
      until (waiting = results.each_index.select { |index| results[index].is_a?(Call) }).empty?
        responses = runtime.run_all(results.values_at(*waiting), parallel)
        waiting.zip(responses) { |index, response| results[index] = fibers[index].resume(response) }
      end
      results
    ensure
      fibers&.each { |fiber| unwind(fiber) }
    end

    # Raises an exception in a hook that still waits, so that its `ensure` runs.
    def unwind(fiber)
      fiber.raise(Error.for(:cancelled, "the call was not made")) if fiber.alive?
    rescue StandardError
      # From the hook, or because the fiber has not started.
      nil
    end

    # The options with more parameters in the query, which replace those of the same name.
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
