# frozen_string_literal: true

require_relative "cert_store"

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # Converts Faraday's TLS options to settings of a client.
    #
    # @api private
    module TLS
      # OpenSSL's number.
      VERIFY_NONE = 0
      # The options that decide which certificates are trusted.
      TRUST_OPTIONS = %i[verify verify_mode verify_hostname verify_depth ca_file ca_path cert_store].freeze
      SUPPORTED = (TRUST_OPTIONS - %i[verify_depth] +
                %i[client_cert client_key certificate private_key version min_version max_version]).freeze
      # From OpenSSL's names and numbers to a number that can be compared.
      VERSIONS = { "TLS1" => 10, "TLS1_0" => 10, "TLS1_1" => 11, "TLS1_2" => 12, "TLS1_3" => 13,
                   "769" => 10, "770" => 11, "771" => 12, "772" => 13 }.freeze
      # The names that mean any version.
      ANY_VERSION = %w[SSL23 TLS].freeze
      VERSION_NAMES = { 12 => "1.2", 13 => "1.3" }.freeze
      PEM = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?/m
      # The file names that OpenSSL uses in a folder of authorities.
      HASHED_NAME = /\A\h{8}\.\d+\z/
      private_constant :VERIFY_NONE, :TRUST_OPTIONS, :SUPPORTED, :VERSIONS, :ANY_VERSION, :VERSION_NAMES, :PEM, :HASHED_NAME

      class << self
        # The options that are set, in a form that can be compared: a store becomes its content.
        def options(ssl)
          ssl = ssl.compact
          ssl[:cert_store] = CertStore.sources(ssl[:cert_store]) if ssl[:cert_store] && verify?(ssl)
          ssl
        end

        # @param ssl [Hash] from {options}
        # @return [Hash] settings of {Client#configure}
        # @raise [Faraday::SSLError] for an option that is not supported
        # @raise [ArgumentError] for an unknown version
        def settings(ssl)
          verify = verify?(ssl)
          ssl = ssl.except(*TRUST_OPTIONS) unless verify
          refuse_unsupported(ssl)
          { verify: verify, **authorities(ssl), **client_certificate(ssl), **min_tls(ssl) }
        end

        private

        def verify?(ssl)
          ssl[:verify_mode] ? ssl[:verify_mode] != VERIFY_NONE : ssl[:verify] != false
        end

        def refuse_unsupported(ssl)
          unsupported = ssl.keys - SUPPORTED
          unsupported << "verify_hostname: false" if ssl[:verify_hostname] == false
          unsupported << "max_version below TLS 1.3" if ssl[:max_version] && number(ssl[:max_version]) < 13
          return if unsupported.empty?

          raise ::Faraday::SSLError, "not supported by the adapter sac: ssl option #{unsupported.join(', ')}"
        end

        def authorities(ssl)
          return ssl.slice(:ca_file) unless ssl[:ca_path] || ssl[:cert_store]

          sources = [*ssl[:cert_store]]
          sources << [:file, ssl[:ca_file]] if ssl[:ca_file]
          sources << [:folder, ssl[:ca_path]] if ssl[:ca_path]
          # The library reads the system's certificates itself.
          sources.all? { |kind, _| kind == :system } ? {} : { ca_pem: authorities_pem(sources) }
        end

        def authorities_pem(sources)
          list = sources.flat_map { |kind, value| certificates(kind, value) }.uniq
          raise ::Faraday::SSLError, "no certificate in ca_path, ca_file or cert_store" if list.empty?

          list.join("\n")
        rescue SystemCallError => e
          raise ::Faraday::SSLError, e
        end

        def certificates(kind, value)
          case kind
          when :certificate then [pem(value)]
          when :file then File.binread(value).scan(PEM)
          when :folder then hashed_files(value).flat_map { |file| File.binread(file).scan(PEM) }
          when :system then system_certificates
          end
        end

        def hashed_files(folder)
          Dir.children(folder).grep(HASHED_NAME).sort.map { |name| File.join(folder, name) }
        end

        def system_certificates
          file = ENV.fetch(OpenSSL::X509::DEFAULT_CERT_FILE_ENV, OpenSSL::X509::DEFAULT_CERT_FILE)
          folder = ENV.fetch(OpenSSL::X509::DEFAULT_CERT_DIR_ENV, OpenSSL::X509::DEFAULT_CERT_DIR)
          (File.file?(file) ? certificates(:file, file) : []) + (File.directory?(folder) ? certificates(:folder, folder) : [])
        end

        # A chain is an array.
        def client_certificate(ssl)
          chain = ssl[:client_cert] || ssl[:certificate]
          key = ssl[:client_key] || ssl[:private_key]
          return {} if chain.nil? && key.nil?
          raise ::Faraday::SSLError, "client_cert and client_key must be set together" if chain.nil? || key.nil?

          { client_certificate_pem: [[*chain].map { |part| pem(part) }.join("\n"), pem(key)] }
        end

        # If the version is older than the library's minimum, the minimum stays.
        def min_tls(ssl)
          numbers = [ssl[:min_version] && number(ssl[:min_version]), exact_number(ssl[:version])].compact
          numbers.empty? ? {} : { min_tls: VERSION_NAMES.fetch([numbers.max, 12].max) }
        end

        # The connection may use a newer version.
        def exact_number(version)
          return if version.nil? || ANY_VERSION.include?(normalize(version))

          number = number(version)
          raise ::Faraday::SSLError, "not supported by the adapter sac: ssl option version #{version}" if number < 12

          number
        end

        def number(version)
          VERSIONS.fetch(normalize(version)) { raise ArgumentError, "no such version of TLS: #{version}" }
        end

        # `TLSv1.2`, `:TLSv1_2_client` and `:TLS1_2` are the same.
        def normalize(version)
          version.to_s.upcase.tr(".", "_").sub("V", "").delete_suffix("_CLIENT")
        end

        # From an OpenSSL object, or the text itself.
        def pem(value)
          value.respond_to?(:to_pem) ? value.to_pem : value
        end
      end
    end
  end
end
