# frozen_string_literal: true

# A Faraday with examples for its adapters, and the command before the one that runs them.
Subject = Struct.new(:name, :libraries, :examples, :launcher) do
  # @param folder [String] where `fetch` unpacks
  # @param newest [String] the root of Debian's newest Ruby, with its Faraday
  # @return [Array<Subject>] those that are there
  def self.all(folder, newest)
    packaged, net_http = %w[faraday-[0-9]* faraday-net_http-*].map { |name| Dir["#{newest}#{self::GEMS}/#{name}"].first }
    # Faraday 2 has net_http as a gem of its own.
    found = [fetched("#{folder}/1.1.0"), (fetched("#{folder}/2.15.0", "#{net_http}/lib") if net_http),
             (newest(packaged.delete_prefix(newest)) if packaged)].compact
    # The system's Faraday is tested in any case, by the examples of a newer one.
    found.unshift(own(found.first.examples)) unless found.empty? || File.directory?("#{folder}/1.1.0")
    found
  end

  def self.fetched(folder, *libraries)
    return unless File.directory?(folder)

    new("Faraday #{File.basename(folder)}", ["#{folder}/lib", *libraries], "#{folder}/spec", [])
  end

  # Its paths are those in the root.
  def self.newest(gem)
    new(gem[/[^-]+\z/].prepend("newest Ruby, Faraday "), [], "#{gem}/spec", %w[scripts/newest-ruby.sh run])
  end

  def self.own(examples)
    new("Faraday #{Gem::Specification.find_by_name('faraday').version}, newer examples", [], examples, [])
  end

  private_class_method :fetched, :newest, :own
end

Subject::GEMS = "/usr/share/rubygems-integration/all/gems"
