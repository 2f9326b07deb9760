# frozen_string_literal: true

module SAC
  # The ways in which a {Client} authenticates. Each replaces the one before it.
  module Credentials
    # Authenticates every request with a bearer token, which replaces other credentials.
    #
    # @return [self]
    def add_bearer(token)
      apply("bearer token", :sac_add_bearer, Text.utf8(token))
    end

    # Authenticates every request with bearer tokens of a block, which replace other credentials.
    #
    #     client.token_from { |reason| SAC::Token.new(value: vault.read("api-token"), expires_in: 3600) }
    #
    # The block is called when a call needs a token, two minutes before a token expires (in the last tenth of a
    # life of less than 20 minutes), and when the server refuses a token with a 401; then the request is sent once
    # more. One thread calls it at a time; other calls use the old token, or wait. Scopes share the token. The call
    # raises what the block raises; other calls end with `:token`. The block is not called again for 30 seconds
    # after an error. A call with this client in the block ends with `:token`, unless it has its own credentials.
    #
    # @param callable [#call, nil] instead of a block
    # @yieldparam reason [Symbol] `:needed`, `:expiring` or `:refused`
    # @yieldreturn [Token, String]
    # @return [self]
    def token_from(callable = nil, &block)
      target = TokenTarget.new(callable || block)
      register_callback(target, "token", :sac_set_token_callback, Callbacks::TOKEN)
      keep_target(:token, target)
    end

    # Authenticates every request with the bearer token in a file, such as those of Kubernetes and Vault. The file is
    # read again when it changes. It replaces other credentials.
    #
    # @return [self]
    def add_bearer_file(path)
      apply("bearer_file", :sac_set_bearer_file, Text.path(path))
    end

    # Authenticates every request with tokens that a token server issues for the credentials of the client (OAuth 2.0,
    # RFC 6749 section 4.4). They replace other credentials, and are requested at the times of {#token_from}, with the
    # settings of this client, but none of its headers and cookies.
    #
    # @param scope [String, Array<String>, nil] nil for the default of the server
    # @return [self]
    def add_client_credentials(token_url:, client_id:, client_secret:, scope: nil)
      texts = [token_url, client_id, client_secret].map { |text| Text.utf8(text) }
      scope &&= Text.utf8(Array(scope).join(" "))
      apply("client_credentials", :sac_set_oauth2_client_credentials, *texts, scope)
    end

    # Authenticates every request with tokens that a token server issues for a refresh token (OAuth 2.0, RFC 6749
    # section 6), like {#add_client_credentials}. If the server replaces the refresh token, the new one is used from
    # then on, and `on_token_saved` gets it.
    #
    # @param client_secret [String, nil] nil for a public client
    # @return [self]
    def add_refresh_token(token_url:, client_id:, refresh_token:, client_secret: nil)
      client_secret &&= Text.utf8(client_secret)
      apply("refresh_token", :sac_set_oauth2_refresh_token, Text.utf8(token_url), Text.utf8(client_id), client_secret,
            Text.utf8(refresh_token))
    end

    # Authenticates every request with a user name and a password, which replace other credentials.
    #
    # @return [self]
    def add_basic(username, password)
      apply("basic authentication", :sac_add_basic, Text.utf8(username), Text.utf8(password))
    end

    # Signs every request with AWS Signature Version 4, for AWS and compatible services. Each attempt gets its own
    # signature. This replaces other credentials.
    #
    # @param region [String] such as `"us-east-1"`
    # @param service [String] such as `"s3"`
    # @param session_token [String, nil] the token of temporary credentials
    # @return [self]
    # @raise [InvalidArgument]
    def set_aws_sigv4(region:, service:, access_key_id:, secret_access_key:, session_token: nil)
      texts = [region, service, access_key_id, secret_access_key].map { |text| Text.utf8(text) }
      apply("credentials for AWS", :sac_set_aws_sigv4, *texts, session_token && Text.utf8(session_token))
    end

    # Authenticates with a user name and a password, which replace other credentials, if the server asks for
    # Digest authentication (RFC 7616). The request is sent again after such a 401, within the same attempt;
    # later requests need one round trip.
    #
    # @return [self]
    def add_digest(username, password)
      apply("digest authentication", :sac_add_digest, Text.utf8(username), Text.utf8(password))
    end
  end
end
