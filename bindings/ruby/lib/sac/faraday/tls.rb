# frozen_string_literal: true

require_relative "cert_store"

module SAC
  class FaradayAdapter < ::Faraday::Adapter
    # The settings of a client for Faraday's TLS options.
    #
    # @api private
    module TLS
      # As OpenSSL numbers it.
      VERIFY_NONE = 0
      # What decides whom to trust.
      TRUST = %i[verify verify_mode verify_hostname verify_depth ca_file ca_path cert_store].freeze
      SERVED = (TRUST - %i[verify_depth] +
                %i[client_cert client_key certificate private_key version min_version max_version]).freeze
      # From OpenSSL's names and numbers to a number of our own that can be compared.
      VERSIONS = { "TLS1" => 10, "TLS1_0" => 10, "TLS1_1" => 11, "TLS1_2" => 12, "TLS1_3" => 13,
                   "769" => 10, "770" => 11, "771" => 12, "772" => 13 }.freeze
      # The names that leave the version to both sides.
      ANY_VERSION = %w[SSL23 TLS].freeze
      NAMES = { 12 => "1.2", 13 => "1.3" }.freeze
      PEM = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?/m
      # The names that OpenSSL looks for in a folder of authorities.
      HASHED = /\A\h{8}\.\d+\z/
      private_constant :VERIFY_NONE, :TRUST, :SERVED, :VERSIONS, :ANY_VERSION, :NAMES, :PEM, :HASHED

      class << self
        # The options that are set, as they can be compared: a store as what was put into it.
        def options(ssl)
          ssl = ssl.compact
          ssl[:cert_store] = CertStore.sources(ssl[:cert_store]) if ssl[:cert_store] && verify?(ssl)
          ssl
        end

        # @param ssl [Hash] those of {options}
        # @return [Hash] settings of {Client#configure}
        # @raise [Faraday::SSLError] for an option that is not supported
        # @raise [ArgumentError] for a value of no use
        def settings(ssl)
          verify = verify?(ssl)
          ssl = ssl.except(*TRUST) unless verify
          refuse_unsupported(ssl)
          { verify: verify, **authorities(ssl), **client_certificate(ssl), **min_tls(ssl) }
        end

        private

        def verify?(ssl)
          ssl[:verify_mode] ? ssl[:verify_mode] != VERIFY_NONE : ssl[:verify] != false
        end

        def refuse_unsupported(ssl)
          unsupported = ssl.keys - SERVED
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
          # The library reads the system's by itself.
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
          Dir.children(folder).grep(HASHED).sort.map { |name| File.join(folder, name) }
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
          raise ::Faraday::SSLError, "client_cert and client_key are needed together" if chain.nil? || key.nil?

          { client_certificate_pem: [[*chain].map { |part| pem(part) }.join("\n"), pem(key)] }
        end

        # An older version than the library's oldest leaves that in force.
        def min_tls(ssl)
          numbers = [ssl[:min_version] && number(ssl[:min_version]), exact_number(ssl[:version])].compact
          numbers.empty? ? {} : { min_tls: NAMES.fetch([numbers.max, 12].max) }
        end

        # A newer version may be agreed on.
        def exact_number(version)
          return if version.nil? || ANY_VERSION.include?(normal(version))

          number = number(version)
          raise ::Faraday::SSLError, "not supported by the adapter sac: ssl option version #{version}" if number < 12

          number
        end

        def number(version)
          VERSIONS.fetch(normal(version)) { raise ArgumentError, "no such version of TLS: #{version}" }
        end

        # `TLSv1.2`, `:TLSv1_2_client` and `:TLS1_2` are the same.
        def normal(version)
          version.to_s.upcase.tr(".", "_").sub("V", "").delete_suffix("_CLIENT")
        end

        # From an object of OpenSSL's, or the text itself.
        def pem(value)
          value.respond_to?(:to_pem) ? value.to_pem : value
        end
      end
    end
  end
end
