# frozen_string_literal: true

# The folder of the gem in Debian.
GEM = "/usr/share/rubygems-integration/all/gems/faraday-[0-9]*"

# A version of Faraday with examples for its adapters, and the command prefix that runs them.
Subject = Struct.new(:name, :libraries, :examples, :launcher) do
  # @param folder [String] the folder of `fetch`
  # @param newest [String] the root of Debian's newest Ruby, with its Faraday
  # @return [Array<Subject>] the available ones
  def self.all(folder, newest)
    found = Dir["#{folder}/[0-9]*"].map { |path| fetched(path) }
    Dir["#{newest}#{GEM}"].each { |path| found << packaged(path.delete_prefix(newest)) }
    # The system's Faraday is always tested, with the examples of a newer one if necessary.
    found.unshift(own(found.first.examples)) unless found.empty? || File.directory?("#{folder}/#{own_version}")
    found
  end

  def self.fetched(path)
    new("Faraday #{File.basename(path)}", ["#{path}/lib"], "#{path}/spec", [])
  end

  # The path is relative to the root of Debian's newest Ruby.
  def self.packaged(gem)
    new("Faraday #{gem[/[^-]+\z/]}, newest Ruby", [], "#{gem}/spec", %w[scripts/run newest-ruby --])
  end

  def self.own_version
    Gem::Specification.find_by_name("faraday").version.to_s
  end

  def self.own(examples)
    new("Faraday #{own_version}, newer examples", [], examples, [])
  end

  private_class_method :fetched, :packaged, :own_version, :own
end
